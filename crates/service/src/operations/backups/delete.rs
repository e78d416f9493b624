//! Having a backup deleted wherever it is.

use panel_domain::backup::BackupDisk;
use panel_domain::id::OperationId;
use panel_domain::operation::{Next, OperationKind, OperationState, Outcome};
use panel_storage::backups::{self as rows, Backup};
use panel_storage::operations::{self, Operation};
use scoped_futures::ScopedFutureExt;
use wings_client::Capability;
use wings_client::wire::backups::DeleteBackup;

use super::{Progress, again, follows, load, record_call, says};
use crate::backups::{Uploading, disk_of, key_of, open_store};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, Node};
use crate::operations::outcome_of;

/// Brings the deletion of a backup one step further. With `force` in its details it does not wait for node or store; past its deadline the
/// backup stays, with what was in the way.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn delete_backup(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let Some((operation, backup)) = load(cx, id).await? else {
        return Ok(Progress::Done);
    };
    let now = cx.now();
    if !record_call(cx, id).await? {
        return Ok(Progress::Done);
    }
    let place = node_calls::node(cx, operation.node_id).await?;
    let called = if disk_of(&backup)? == BackupDisk::S3 {
        delete_object(cx, &backup).await?
    } else {
        delete_on_node(cx, &operation, &place, &backup).await?
    };
    cx.reach("delete_backup.called").await;
    let (outcome, error) = match called {
        Ok(left_behind) => return gone(cx, &operation, &backup, left_behind).await,
        Err(error) => error,
    };
    if says(&operation, "force") {
        return gone(cx, &operation, &backup, Some(&error)).await;
    }
    tracing::info!(operation.id = %id, backup.id = %backup.id, error, "A backup could not be deleted");
    // A refusal does not take back that it is to go.
    let outcome = match outcome {
        Outcome::Refused => Outcome::TryLater,
        other => other,
    };
    let kind = OperationKind::DeleteBackup;
    match follows(&operation, kind, place.flavour, outcome, now) {
        Next::CallAgain(at) | Next::ProbeAgain(at) => Ok(again(at, now)),
        Next::AwaitReport | Next::End(_) => {
            give_up(cx, &operation, &backup, &error).await?;
            Ok(Progress::Done)
        }
    }
}

/// Done, with what may be left behind all the same; or why not.
type Called = Result<Option<&'static str>, (Outcome, String)>;

/// The daemons in Go find an archive by its server: of one that they do not have any more they delete nothing, and answer as if there were nothing.
const OF_NO_SERVER: &str =
    "the node does not have the server any more; its archive may be left there";

async fn delete_object(cx: &Cx, backup: &Backup) -> Result<Called, Error> {
    let store = match open_store(cx, backup).await {
        Ok((store, _)) => store,
        Err(Error::Conflict { message, .. }) => return Ok(Err((Outcome::Refused, message))),
        Err(error) => return Err(error),
    };
    let now = cx.now();
    if let Some(uploading) = Uploading::of(backup)?
        && let Err(error) = store.abort(uploading.upload(), now).await
    {
        return Ok(Err((Outcome::TryLater, error.to_string())));
    }
    let deleted = store.delete(&key_of(backup), now).await;
    Ok(match deleted {
        Ok(()) => Ok(None),
        Err(error) => Err((Outcome::TryLater, error.to_string())),
    })
}

async fn delete_on_node(
    cx: &Cx,
    operation: &Operation,
    place: &Node,
    backup: &Backup,
) -> Result<Called, Error> {
    let client = node_calls::client(cx, operation.node_id).await?;
    let capabilities = place.capabilities();
    let detached = capabilities.has(Capability::BackupsWithoutServer);
    let deleted = if detached {
        let newest = capabilities.has(Capability::BackupQuery);
        let order = DeleteBackup {
            adapter: disk_of(backup)?.adapter().to_owned(),
            // Answered when it is done: a deletion that takes longer is asked for again, until there is nothing left.
            foreground: newest.then_some(true),
            server: newest.then_some(backup.made_of.uuid()),
        };
        client.delete_detached_backup(backup.id, &order).await
    } else {
        client.delete_backup(backup.made_of, backup.id).await
    };
    Ok(match deleted {
        Ok(()) if !detached && backup.server_id.is_none() => Ok(Some(OF_NO_SERVER)),
        Ok(()) => Ok(None),
        Err(error) => Err((outcome_of(&error), error.to_string())),
    })
}

async fn gone(
    cx: &Cx,
    operation: &Operation,
    backup: &Backup,
    left_behind: Option<&str>,
) -> Result<Progress, Error> {
    let (id, operation, now) = (backup.id, operation.id, cx.now());
    cx.write(|tx| {
        async move {
            rows::discard(tx, id, now).await?;
            let state = if left_behind.is_some() {
                OperationState::Expired
            } else {
                OperationState::Succeeded
            };
            operations::finish(tx, operation, state.as_str(), left_behind, now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(Progress::Done)
}

async fn give_up(
    cx: &Cx,
    operation: &Operation,
    backup: &Backup,
    error: &str,
) -> Result<(), Error> {
    let (id, operation, now) = (backup.id, operation.id, cx.now());
    cx.write(|tx| {
        async move {
            rows::fail_deletion(tx, id, error).await?;
            let state = OperationState::Expired.as_str();
            operations::finish(tx, operation, state, Some(error), now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
