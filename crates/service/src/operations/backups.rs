//! Having backups made, put back and deleted.

mod delete;
mod ends;
mod make;
mod probe;
mod prune;
mod restore;
mod system;
mod verify;

pub use delete::delete_backup;
pub(crate) use ends::{Ending, end_failed, end_restore, end_successful};
pub use make::make_backup;
pub use prune::prune_backups;
pub use restore::restore_backup;
pub use system::make_system_backups;

use chrono::{DateTime, Utc};
use panel_domain::id::OperationId;
use panel_domain::node::Flavour;
use panel_domain::operation::{Next, OperationKind, OperationState, Outcome, next};
use panel_storage::backups::{self as rows, Backup, Scope};
use panel_storage::operations::{self, Operation};
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};

use super::Progress;
use crate::cx::Cx;
use crate::error::Error;

/// An open operation and the backup that it is about. `None`: there is nothing to do any more.
async fn load(cx: &Cx, id: OperationId) -> Result<Option<(Operation, Backup)>, Error> {
    let mut conn = cx.read_primary().await?;
    let Some(operation) = operations::find(&mut conn, id).await? else {
        return Ok(None);
    };
    let Some(backup) = operation.backup_id else {
        return Ok(None);
    };
    if operation.finished_at.is_some() {
        return Ok(None);
    }
    let Some(backup) = rows::find(&mut conn, Scope::All, backup).await? else {
        drop(conn);
        let gone = "the backup is gone";
        if operation.kind == OperationKind::Restore.as_str() {
            // The server waits for its end.
            restore::end_without_backup(cx, &operation, gone).await?;
        } else {
            finish(cx, id, OperationState::Cancelled, Some(gone)).await?;
        }
        return Ok(None);
    };
    Ok(Some((operation, backup)))
}

/// Ends an operation without any other change.
async fn finish(
    cx: &Cx,
    id: OperationId,
    state: OperationState,
    error: Option<&str>,
) -> Result<(), Error> {
    let now = cx.now();
    cx.write(|tx| {
        async move {
            operations::finish(tx, id, state.as_str(), error, now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Notes that the node is about to be called. Until its answer is noted, nobody knows whether the call has arrived: whoever calls may be
/// killed at any moment. `false`: the operation has ended meanwhile.
async fn record_call(cx: &Cx, id: OperationId) -> Result<bool, Error> {
    let (now, unknown) = (cx.now(), json!({ "unknown": true }));
    let unknown = &unknown;
    cx.write(|tx| {
        async move {
            Ok(operations::record_attempt(tx, id, Some(now)).await?
                && operations::note(tx, id, unknown).await?)
        }
        .scope_boxed()
    })
    .await
}

/// Notes that the node has taken the call on.
async fn record_arrival(cx: &Cx, id: OperationId) -> Result<bool, Error> {
    note(cx, id, &json!({ "unknown": false })).await
}

/// Notes that the node was not called after all, or does nothing of what it was called for. `false`: the operation has ended meanwhile.
async fn take_call_back(cx: &Cx, id: OperationId) -> Result<bool, Error> {
    cx.write(|tx| async move { Ok(operations::take_call_back(tx, id).await?) }.scope_boxed())
        .await
}

/// Adds to what is noted about an operation.
async fn note(cx: &Cx, id: OperationId, details: &Value) -> Result<bool, Error> {
    cx.write(|tx| async move { Ok(operations::note(tx, id, details).await?) }.scope_boxed())
        .await
}

/// Whether the operation's details say so.
fn says(operation: &Operation, name: &str) -> bool {
    operation.details[name].as_bool().unwrap_or(false)
}

/// How often the node's daemon was started again while it was at it.
fn interruptions(operation: &Operation) -> i64 {
    operation.details["interrupted"].as_i64().unwrap_or(0)
}

/// What follows a try, by the kind of the operation.
fn follows(
    operation: &Operation,
    kind: OperationKind,
    flavour: Flavour,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Next {
    let attempts = u32::try_from(operation.attempts.saturating_add(1)).unwrap_or(1);
    let jitter = u32::try_from(operation.id.uuid().as_u128() & 0xffff).unwrap_or(0);
    next(
        kind,
        flavour,
        outcome,
        attempts,
        operation.deadline_at,
        now,
        jitter,
    )
}

/// Run again at this time.
fn again(at: DateTime<Utc>, now: DateTime<Utc>) -> Progress {
    Progress::Again((at - now).to_std().unwrap_or_default())
}
