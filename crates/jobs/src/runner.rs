//! Runs claimed jobs with the handlers registered for their names.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::clock::Clock;
use panel_storage::Db;
use scoped_futures::ScopedFutureExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing::{Instrument, error, info, info_span, warn};

use crate::queue::{self, Claimed};
use crate::{EnqueueOptions, Job, enqueue};

/// Why a handler did not finish its job.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may work later: try again after the usual delay, until the attempts are used up.
    #[error("{0}")]
    Retry(String),
    /// Not yet: look again after this long. Does not count as an attempt.
    #[error("waiting")]
    Later(Duration),
    /// It will never work.
    #[error("{0}")]
    GiveUp(String),
}

/// What a handler knows of its run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// Whether a failure gives the job up.
    pub last: bool,
}

type Outcome = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Enqueued = Pin<Box<dyn Future<Output = Result<(), panel_storage::Error>> + Send>>;
type Handler = Box<dyn Fn(serde_json::Value, Run) -> Outcome + Send + Sync>;

/// Work that is due again and again while a worker leads.
pub struct Periodic {
    name: &'static str,
    every: Duration,
    enqueue: Box<dyn Fn(Db, DateTime<Utc>) -> Enqueued + Send + Sync>,
}

impl Periodic {
    /// Enqueues `job` every `every`; a run that is still waiting is not doubled.
    pub fn new<J: Job + Clone>(every: Duration, job: J) -> Self {
        let job = Arc::new(job);
        Self {
            name: J::NAME,
            every,
            enqueue: Box::new(move |db, now| {
                let job = Arc::clone(&job);
                Box::pin(async move {
                    let job = &*job;
                    db.write(|tx| {
                        async move { enqueue(tx, job, now, EnqueueOptions::default()) }
                            .scope_boxed()
                    })
                    .await?;
                    Ok(())
                })
            }),
        }
    }
}

/// How a [`Runner`] works.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// Name of this worker in the table, unique among those that run.
    pub worker: String,
    /// How many jobs run at once.
    pub slots: usize,
    /// How long a claim lasts unless prolonged. A dead worker's jobs are taken over after this.
    pub lease: Duration,
    /// How often an idle queue is looked at.
    pub poll: Duration,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            worker: format!("worker-{}", uuid::Uuid::new_v4()),
            slots: 16,
            lease: Duration::from_secs(15),
            poll: Duration::from_millis(250),
        }
    }
}

struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    options: RunnerOptions,
    handlers: HashMap<&'static str, Handler>,
    periodic: Vec<Periodic>,
    poke: Notify,
}

/// Claims jobs and runs them.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

impl Runner {
    /// A runner without handlers: a job of a name that has none is put back for a worker that knows it.
    #[must_use]
    pub fn builder(db: Db, clock: Arc<dyn Clock>, options: RunnerOptions) -> RunnerBuilder {
        RunnerBuilder {
            inner: Inner {
                db,
                clock,
                options,
                handlers: HashMap::new(),
                periodic: Vec::new(),
                poke: Notify::new(),
            },
        }
    }

    /// Looks at the queue now instead of at the next poll.
    pub fn poke(&self) {
        self.0.poke.notify_one();
    }

    /// Runs what is due, and what becomes due by that, until nothing is. Gives the number of runs. For tests and for the
    /// operator who wants the queue empty now.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn run_due(&self) -> Result<usize, panel_storage::Error> {
        let mut runs = 0;
        loop {
            let claimed = self.claim(1).await?;
            let Some(job) = claimed.into_iter().next() else {
                return Ok(runs);
            };
            self.run_one(job).await;
            runs += 1;
        }
    }

    /// Runs jobs until `stop` turns true, then waits for those under way.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        let mut next: Vec<DateTime<Utc>> =
            self.0.periodic.iter().map(|_| self.0.clock.now()).collect();
        while !*stop.borrow() {
            self.enqueue_periodic(&mut next).await;
            let free = self.0.options.slots.saturating_sub(running.len());
            let claimed = if free == 0 {
                Ok(Vec::new())
            } else {
                self.claim(free).await
            };
            let idle = match claimed {
                Ok(jobs) => {
                    let idle = jobs.is_empty();
                    for job in jobs {
                        let this = self.clone();
                        running.spawn(async move { this.run_one(job).await });
                    }
                    idle
                }
                Err(error) => {
                    warn!(%error, "The queue cannot be read; trying again");
                    true
                }
            };
            while running.try_join_next().is_some() {}
            if idle {
                tokio::select! {
                    _ = stop.changed() => {}
                    () = self.0.poke.notified() => {}
                    Some(_) = running.join_next(), if free == 0 => {}
                    () = tokio::time::sleep(self.0.options.poll) => {}
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn enqueue_periodic(&self, next: &mut [DateTime<Utc>]) {
        let now = self.0.clock.now();
        for (periodic, next) in self.0.periodic.iter().zip(next) {
            if *next > now {
                continue;
            }
            match (periodic.enqueue)(self.0.db.clone(), now).await {
                Ok(()) => {
                    *next = now + TimeDelta::from_std(periodic.every).unwrap_or(TimeDelta::MAX)
                }
                Err(error) => {
                    warn!(%error, job.name = periodic.name, "Periodic work could not be enqueued; trying again")
                }
            }
        }
    }

    async fn claim(&self, slots: usize) -> Result<Vec<Claimed>, panel_storage::Error> {
        let limit = i64::try_from(slots).unwrap_or(i64::MAX);
        queue::claim(
            &self.0.db,
            &self.0.options.worker,
            self.0.clock.now(),
            self.0.options.lease,
            limit,
        )
        .await
    }

    async fn run_one(&self, job: Claimed) {
        let span =
            info_span!("job", job.id = %job.id, job.name = job.name, job.attempt = job.attempt);
        self.run_and_record(job).instrument(span).await;
    }

    async fn run_and_record(&self, job: Claimed) {
        let Some(handler) = self.0.handlers.get(job.name.as_str()) else {
            warn!("No handler for this job in this version; left to another worker");
            self.record(
                queue::put_back(
                    &self.0.db,
                    &job,
                    self.later(Duration::from_secs(30)),
                    None,
                    false,
                )
                .await,
            );
            return;
        };
        let run = Run {
            attempt: job.attempt,
            last: job.attempt >= job.max_attempts,
        };
        // A handler that panics is a failed attempt, not the end of the worker.
        let mut handling = tokio::spawn(handler(job.payload.clone(), run).in_current_span());
        let mut heartbeat = tokio::time::interval(self.0.options.lease / 3);
        heartbeat.tick().await;
        let outcome = loop {
            tokio::select! {
                joined = &mut handling => {
                    break joined.unwrap_or_else(|panic| Err(JobError::Retry(format!("the handler panicked: {panic}"))));
                }
                _ = heartbeat.tick() => match queue::extend(&self.0.db, &job, self.0.options.lease).await {
                    Ok(true) => {}
                    Ok(false) => {
                        warn!("The lease of this job has passed to another worker; stopping");
                        handling.abort();
                        return;
                    }
                    Err(error) => warn!(%error, "The lease of this job could not be prolonged"),
                },
            }
        };
        metrics::counter!("panel_jobs_total", "name" => job.name.clone(), "outcome" => outcome_name(&outcome, run)).increment(1);
        let recorded = match outcome {
            Ok(()) => queue::finish(&self.0.db, &job).await,
            Err(JobError::Later(delay)) => {
                queue::put_back(&self.0.db, &job, self.later(delay), None, false).await
            }
            Err(JobError::Retry(reason)) if !run.last => {
                let delay = retry_delay(job.attempt, job.id.uuid().as_u128());
                info!(
                    error = reason,
                    retry_in_ms = delay.as_millis(),
                    "Job failed; it will be tried again"
                );
                queue::put_back(&self.0.db, &job, self.later(delay), Some(&reason), true).await
            }
            Err(JobError::Retry(reason) | JobError::GiveUp(reason)) => {
                error!(error = reason, "Job given up");
                queue::give_up(&self.0.db, &job, self.0.clock.now(), &reason).await
            }
        };
        self.record(recorded);
    }

    fn later(&self, delay: Duration) -> DateTime<Utc> {
        self.0.clock.now() + TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX)
    }

    fn record(&self, recorded: Result<bool, panel_storage::Error>) {
        match recorded {
            Ok(true) => {}
            Ok(false) => warn!("The job had passed to another worker before its end was recorded"),
            Err(error) => {
                warn!(%error, "The end of the job could not be recorded; it will run again")
            }
        }
    }
}

fn outcome_name(outcome: &Result<(), JobError>, run: Run) -> &'static str {
    match outcome {
        Ok(()) => "done",
        Err(JobError::Later(_)) => "later",
        Err(JobError::Retry(_)) if !run.last => "retry",
        Err(JobError::Retry(_) | JobError::GiveUp(_)) => "given_up",
    }
}

/// 1 s, doubled by each attempt up to 5 min, and up to a quarter more so that many do not come back at once.
fn retry_delay(attempt: i32, seed: u128) -> Duration {
    let exponent = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(9);
    let base = Duration::from_secs(1 << exponent).min(Duration::from_secs(300));
    let spread = u32::try_from(seed % 250).unwrap_or(0);
    base + base * spread / 1000
}

/// Collects handlers for a [`Runner`].
pub struct RunnerBuilder {
    inner: Inner,
}

impl RunnerBuilder {
    /// Registers what to do with jobs of type `J`.
    #[must_use]
    pub fn handle<J, F, Fut>(mut self, handler: F) -> Self
    where
        J: Job,
        F: Fn(J, Run) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        self.inner.handlers.insert(
            J::NAME,
            Box::new(move |payload, run| {
                let handler = Arc::clone(&handler);
                Box::pin(async move {
                    let job = serde_json::from_value(payload).map_err(|error| {
                        JobError::GiveUp(format!("the payload cannot be read: {error}"))
                    })?;
                    handler(job, run).await
                })
            }),
        );
        self
    }

    /// Registers work that is due again and again.
    #[must_use]
    pub fn every(mut self, periodic: Periodic) -> Self {
        self.inner.periodic.push(periodic);
        self
    }

    /// The runner.
    #[must_use]
    pub fn build(self) -> Runner {
        Runner(Arc::new(self.inner))
    }
}

#[cfg(test)]
mod tests {
    use super::retry_delay;

    #[test]
    fn delays_double_and_end_at_five_minutes() {
        let seconds: Vec<u64> = (1..=12)
            .map(|attempt| retry_delay(attempt, 0).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert!(retry_delay(1, 249) < std::time::Duration::from_millis(1250));
    }
}
