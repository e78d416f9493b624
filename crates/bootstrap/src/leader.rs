//! One of several workers works, the others stand by and take over within seconds.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use panel_storage::Db;
use panel_storage::consistency::epoch;
use panel_storage::lease::{Candidate, Lease, Renewal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use uuid::Uuid;

/// The office of the leading worker.
pub const OFFICE: &str = "worker";

/// For how long the office is held at a time, and so how long a dead leader is waited for.
pub const TTL: Duration = Duration::from_secs(10);

/// How often the leader renews, and the others look whether it still does.
const STEP: Duration = Duration::from_secs(2);

/// Whether this process leads at the moment.
#[derive(Debug, Clone, Default)]
pub struct Leadership(Arc<AtomicBool>);

impl Leadership {
    /// Whether it does.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, held: bool) {
        self.0.store(held, Ordering::Relaxed);
        metrics::gauge!("worker_leads").set(f64::from(u8::from(held)));
    }
}

/// This process as a candidate for the office.
#[must_use]
pub fn candidate(priority: i32) -> Candidate {
    Candidate {
        name: OFFICE.to_owned(),
        owner: Uuid::new_v4(),
        priority,
        ttl: TTL,
    }
}

/// Runs `work` whenever this candidate leads, until `stop`. `work` is told to stop when the office is wanted by somebody of a
/// higher rank, and is cut off when it would outlive the lease.
pub async fn lead<W, F>(
    db: Db,
    candidate: Candidate,
    leadership: Leadership,
    work: W,
    mut stop: watch::Receiver<bool>,
) where
    W: Fn(watch::Receiver<bool>) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    leadership.set(false);
    let mut reachable = true;
    while !*stop.borrow() {
        match candidate.acquire(&db).await {
            Ok(Some(lease)) => {
                reachable = true;
                tracing::info!(fence = lease.fence(), "This worker leads");
                leadership.set(true);
                let (end, ended) = watch::channel(false);
                let running = tokio::spawn(work(ended));
                hold(&db, lease, running, end, &mut stop).await;
                leadership.set(false);
                tracing::info!("This worker no longer leads");
            }
            Ok(None) => reachable = true,
            // Once per outage: the same line every two seconds would hide everything else.
            Err(error) if reachable => {
                reachable = false;
                tracing::warn!(%error, "Whether this worker may lead cannot be asked; trying again");
            }
            Err(_) => {}
        }
        wait(STEP, &mut stop).await;
    }
}

/// Renews the lease while the work runs; ends the work in time whatever happens.
async fn hold(
    db: &Db,
    mut lease: Lease,
    mut running: JoinHandle<()>,
    end: watch::Sender<bool>,
    stop: &mut watch::Receiver<bool>,
) {
    let reason = loop {
        note_history(db).await;
        tokio::select! {
            () = wait(STEP, stop) => {}
            result = &mut running => {
                if let Err(error) = result {
                    tracing::error!(%error, "The work ended on its own");
                }
                break "the work ended";
            }
        }
        if *stop.borrow() {
            break "told to stop";
        }
        let left = lease.held_until().saturating_duration_since(Instant::now());
        match tokio::time::timeout(left, lease.renew(db)).await {
            Ok(Ok(Renewal::Held)) => {}
            Ok(Ok(Renewal::Outranked)) => break "a worker of higher priority waits",
            Ok(Ok(Renewal::Lost)) => break "another worker has taken over",
            Ok(Err(_)) if lease.holds(Instant::now()) => {}
            Ok(Err(_)) | Err(_) => break "the lease could not be renewed",
        }
    };
    tracing::info!(reason, "Handing over the lead");
    end.send_replace(true);
    if !running.is_finished() {
        let left = lease.held_until().saturating_duration_since(Instant::now());
        if tokio::time::timeout(left, &mut running).await.is_err() {
            running.abort();
        }
    }
    if lease.holds(Instant::now())
        && let Err(error) = lease.release(db).await
    {
        tracing::warn!(%error, "The lead could not be given back; it ends by itself");
    }
}

/// Sees to it that positions from before a fail-over are not taken for those of after, also while nobody writes anything.
async fn note_history(db: &Db) {
    if let Err(error) = epoch::observe(db).await {
        // The lease cannot be renewed either then, and that is reported.
        tracing::debug!(%error, "The primary's timeline cannot be looked at");
    }
}

/// Waits for a while, or until `stop`.
async fn wait(time: Duration, stop: &mut watch::Receiver<bool>) {
    let stopped = pin!(stop.wait_for(|stopped| *stopped));
    tokio::select! {
        () = sleep(time) => {}
        // An error means that nobody can say stop any more; the next look at the value decides.
        _ = stopped => {}
    }
}
