//! Deleting what has no use any more, in batches that hold no lock for long.

use chrono::TimeDelta;
use panel_storage::consistency::{revocations, watermark};
use panel_storage::{
    activities, api_keys, idempotency_keys, row_counts, schedules, sessions, two_factor,
};
use scoped_futures::ScopedFutureExt;

use crate::cx::Cx;
use crate::error::Error;

/// Rows deleted by one transaction.
const BATCH: i64 = 1_000;

/// How long activity is kept.
const ACTIVITY_KEPT: TimeDelta = TimeDelta::days(180);

/// How long runs of schedules are kept after their end.
const RUNS_KEPT: TimeDelta = TimeDelta::days(7);

/// How long the log of invalidations and revocations are kept: longer than anything is cached.
const LOG_KEPT: TimeDelta = TimeDelta::hours(1);

/// Deletes sessions that were not used for too long, API keys that have expired, and sign-ins that wait for a second factor in vain.
///
/// # Errors
/// Those of the database.
pub async fn delete_expired_sessions(cx: &Cx) -> Result<usize, Error> {
    let unused_since = cx.now() - cx.parts().options.session_lifetime;
    let expired = cx.now();
    let mut deleted = 0;
    loop {
        let batch = cx
            .write(|tx| {
                async move {
                    let sessions = sessions::delete_unused(tx, unused_since, BATCH).await?;
                    let keys = api_keys::delete_expired(tx, expired, BATCH).await?;
                    let checkpoints =
                        two_factor::delete_expired_checkpoints(tx, expired, BATCH).await?;
                    Ok(sessions + keys + checkpoints)
                }
                .scope_boxed()
            })
            .await?;
        deleted += batch;
        if batch == 0 {
            return Ok(deleted);
        }
    }
}

/// Deletes old activity, answers that are kept no longer, and rows of the logs that processes follow, and folds the counts of days
/// that are over.
///
/// # Errors
/// Those of the database.
pub async fn delete_old_records(cx: &Cx) -> Result<usize, Error> {
    let now = cx.now();
    let mut deleted = cx
        .write(|tx| {
            async move {
                let invalidations = watermark::trim(tx, now - LOG_KEPT).await?;
                let revocations = revocations::trim(tx, now - LOG_KEPT).await?;
                row_counts::fold(tx, now).await?;
                Ok(invalidations + revocations)
            }
            .scope_boxed()
        })
        .await?;
    loop {
        let before = now - ACTIVITY_KEPT;
        let batch = cx
            .write(|tx| {
                async move {
                    let entries = activities::delete_old(tx, before, BATCH).await?;
                    let keys = idempotency_keys::delete_old(tx, now, BATCH).await?;
                    let runs = schedules::delete_finished_runs(tx, now - RUNS_KEPT, BATCH).await?;
                    Ok(entries + keys + runs)
                }
                .scope_boxed()
            })
            .await?;
        deleted += batch;
        if batch == 0 {
            return Ok(deleted);
        }
    }
}
