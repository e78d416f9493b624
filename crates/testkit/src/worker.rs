//! Workers that tests kill.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use panel_jobs::payload::PlanSchedules;
use panel_jobs::{Periodic, Runner, RunnerOptions};
use tokio::runtime::Builder as RuntimeBuilder;
use tokio::sync::{oneshot, watch};

use crate::app::{Builder, Installation, TestApp};
use crate::must::Must as _;

/// A worker with threads of its own, which runs jobs and plans schedules. Nothing else that a worker does again and again.
/// Killed when it is dropped.
#[derive(Debug)]
pub struct Worker {
    /// Nothing is ever sent: it is killed when this is gone.
    _life: oneshot::Sender<()>,
}

/// How long what a dead worker was doing stays with it: short, since tests wait for its end.
const LEASE: Duration = Duration::from_millis(600);

impl TestApp {
    /// Starts a worker of this installation.
    #[must_use]
    pub fn worker(&self) -> Worker {
        self.worker_stopping_at(None)
    }

    /// The same, but it goes no further than to this place, such as `install.called`: there it waits to be killed.
    #[must_use]
    pub fn worker_stopping_at(&self, place: Option<&str>) -> Worker {
        let (installation, mut options) = (Arc::clone(&self.installation), self.options.clone());
        options.failpoint = place.map(str::to_owned);
        let (life, death) = oneshot::channel::<()>();
        thread::spawn(move || {
            let runtime = RuntimeBuilder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .must("a runtime");
            runtime.block_on(async move {
                tokio::select! {
                    () = work(installation, options) => {}
                    _ = death => {}
                }
            });
            // What is being done is left where it is, and its connections break.
            runtime.shutdown_background();
        });
        Worker { _life: life }
    }
}

impl Worker {
    /// Ends it where it is: what it holds stays with it until the lease ends.
    pub fn kill(self) {}
}

async fn work(installation: Arc<Installation>, options: Builder) {
    let app = TestApp::join(installation, options).await;
    let options = RunnerOptions {
        slots: 8,
        lease: LEASE,
        poll: Duration::from_millis(20),
        ..RunnerOptions::default()
    };
    let runner = Runner::builder(app.db().clone(), app.shared_clock(), options);
    let runner = panel_job_handlers::handlers(runner, app.service())
        .every(Periodic::new(Duration::from_secs(2), PlanSchedules {}))
        .build();
    let (_never, stop) = watch::channel(false);
    runner.run(stop).await;
}
