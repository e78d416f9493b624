//! What a job is, and how one gets into the queue.

use chrono::{DateTime, Utc};
use panel_domain::id::JobId;
use panel_storage::{Error, LateSql, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of work. The value is its payload: ids, never secrets, because the table is there for people to read.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Name in the table, such as `install_server`. Renaming one strands the jobs already queued.
    const NAME: &'static str;
    /// After how many attempts it is given up.
    const MAX_ATTEMPTS: i32 = 20;
    /// Higher runs first.
    const PRIORITY: i16 = 0;

    /// Jobs of one name with the same key are one while they wait: enqueueing another only brings it forward. A job that
    /// is being run no longer counts, so what changed meanwhile gets its own run.
    fn dedup_key(&self) -> Option<String> {
        None
    }
}

/// When a job is to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnqueueOptions {
    /// Not before this; `None` means at once.
    pub run_at: Option<DateTime<Utc>>,
}

/// Puts a job into the queue with COMMIT of `tx`. `now` is the panel's clock.
///
/// # Errors
/// [`Error::Internal`] when the payload does not serialize.
pub fn enqueue<J: Job>(
    tx: &mut Tx,
    job: &J,
    now: DateTime<Utc>,
    options: EnqueueOptions,
) -> Result<JobId, Error> {
    let payload = serde_json::to_value(job)
        .map_err(|error| Error::internal(format!("payload of {}: {error}", J::NAME)))?;
    let id = JobId::new_v7(now);
    tx.at_commit(
        LateSql::new("INSERT INTO jobs (id, name, payload, dedup_key, priority, run_at, attempts, max_attempts, fence, created_at) VALUES (")
            .value(id.uuid())
            .sql(", ")
            .value(J::NAME)
            .sql(", ")
            .value(payload)
            .sql(", ")
            .value(job.dedup_key())
            .sql(", ")
            .value(J::PRIORITY)
            .sql(", ")
            .value(options.run_at.unwrap_or(now))
            .sql(", 0, ")
            .value(J::MAX_ATTEMPTS)
            .sql(", 0, ")
            .value(now)
            .sql(
                ") ON CONFLICT (name, dedup_key) WHERE dedup_key IS NOT NULL AND given_up_at IS NULL AND locked_by IS NULL \
                 DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at)",
            ),
    );
    Ok(id)
}
