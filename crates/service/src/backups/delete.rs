//! Having a backup deleted.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::id::{BackupId, NodeId, OperationId, ServerId, ServerRef};
use panel_domain::operation::{OperationKind, OperationState};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_jobs::payload::DeleteBackup;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::Tx;
use panel_storage::backups::{self as rows, Backup};
use panel_storage::operations::{self, Operation};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{lock, owned};
use crate::cx::Cx;
use crate::error::Error;
use crate::servers::operation;

/// The order to delete a backup, made outside of the transaction that decides which one.
#[derive(Debug, Clone)]
pub(crate) struct Doomed {
    pub(crate) id: OperationId,
    /// Whether it does not wait for the node or the store.
    pub(crate) force: bool,
    pub(crate) now: DateTime<Utc>,
}

impl Doomed {
    pub(crate) fn new(cx: &Cx) -> Self {
        let now = cx.now();
        Self {
            id: OperationId::new_v7(now),
            force: false,
            now,
        }
    }

    fn operation(&self, cx: &Cx, backup: &Backup, node: NodeId) -> Operation {
        let details = json!({ "force": self.force });
        let mut operation = operation(
            cx,
            OperationKind::DeleteBackup,
            backup.made_of,
            node,
            details,
        );
        operation.id = self.id;
        operation.backup_id = Some(backup.id);
        operation.created_at = self.now;
        operation.deadline_at = self.now + OperationKind::DeleteBackup.time_limit();
        operation
    }
}

/// Writes down that a backup, whose row is locked, is to be deleted. What was to be done with it before is called off.
///
/// # Errors
/// [`Error::Conflict`] while it is being restored.
pub(crate) async fn condemn(
    cx: &Cx,
    tx: &mut Tx,
    backup: &Backup,
    doomed: &Doomed,
) -> Result<(), Error> {
    let Some(node) = backup.node_id else {
        return Ok(());
    };
    if let Some(open) = operations::open_of_backup(tx, backup.id).await? {
        match open.kind.as_str() {
            "delete_backup" if !doomed.force => return Ok(()),
            "restore" => {
                return Err(Error::conflict(
                    "backup_restoring",
                    "the backup is being restored; try again when that has ended",
                ));
            }
            _ => {
                let state = OperationState::Cancelled.as_str();
                operations::finish(tx, open.id, state, None, doomed.now).await?;
            }
        }
    }
    rows::begin_deletion(tx, backup.id, doomed.now).await?;
    let operation = doomed.operation(cx, backup, node);
    operations::record(tx, &operation);
    let job = DeleteBackup {
        operation: operation.id,
    };
    enqueue(tx, &job, doomed.now, EnqueueOptions::default())?;
    Ok(())
}

/// Has a backup of a server deleted. It is gone when its node or store says so.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] for one that is locked or being restored.
pub async fn delete(cx: &Cx, server: ServerRef, id: BackupId) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsDelete, ServerAction::Use)
        .await?;
    delete_of(cx, allowed.resource().id, id).await
}

/// As [`delete`], for somebody who was asked already whether they may.
pub(crate) async fn delete_of(cx: &Cx, server: ServerId, id: BackupId) -> Result<(), Error> {
    let doomed = Doomed::new(cx);
    let entry = cx.entry(Event::BackupDelete, json!({})).on(server);
    let (doomed, entry) = (&doomed, &entry);
    cx.write(|tx| {
        async move {
            let row = lock(tx, server, id).await?;
            owned(&row)?;
            if row.locked {
                return Err(Error::conflict(
                    "backup_locked",
                    "the backup is locked; unlock it first",
                ));
            }
            condemn(cx, tx, &row, doomed).await?;
            entry
                .clone()
                .with(json!({ "backup": id, "name": row.name }))
                .record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
