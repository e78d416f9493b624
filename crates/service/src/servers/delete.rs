//! Deleting a server.

use panel_domain::activity::Event;
use panel_domain::id::ServerRef;
use panel_domain::operation::OperationKind;
use panel_domain::permission::AdminPermission;
use panel_domain::server::ServerAction;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::consistency::RevocationKind;
use panel_storage::operations;
use panel_storage::servers;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::change;
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;

/// How a server is deleted.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeleteServer {
    /// Whether the panel forgets it even when its node cannot delete it.
    pub force: bool,
    /// Whether its backups are deleted too.
    pub delete_backups: bool,
}

/// Asks for a server's deletion, which cannot be taken back: from now on only administrators see it. It is gone when its
/// node has deleted it. Asking again is fine, and asking with `force` when the node does not answer ends the wait.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while it is being moved.
pub async fn delete(cx: &Cx, server: ServerRef, input: DeleteServer) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersDelete)?;
    let (row, open) = servers::find_with_open_lifecycle(&mut cx.read_primary().await?, server)
        .await?
        .ok_or(Error::not_found("server"))?;
    let id = row.id;
    let known = (row.deleting_at, open);
    let details = json!({ "force": input.force, "delete_backups": input.delete_backups });
    let operation = change::operation(cx, OperationKind::Delete, id, row.node_id, details.clone());
    let entry = cx.entry(
        Event::AdminServerDelete,
        json!({ "server": id, "name": row.name, "owner": row.owner_id, "force": input.force }),
    );
    let job = panel_jobs::payload::DeleteServer {
        operation: operation.id,
    };
    let now = cx.now();
    let (operation, entry, job, known) = (&operation, &entry, &job, &known);
    cx.write(|tx| {
        async move {
            let row = change::lock(tx, id).await?;
            state_of(&row, false).allows(ServerAction::Delete, true)?;
            let open = if row.deleting_at == known.0 {
                known.1.clone()
            } else {
                // Somebody else has asked meanwhile.
                operations::open_lifecycle(tx, id).await?
            };
            if open.is_some_and(|open| {
                open.kind == operation.kind && open.details == operation.details
            }) {
                return Ok(());
            }
            operations::cancel_lifecycle(tx, id, now);
            servers::begin_deleting(tx, id, now);
            operations::record(tx, operation);
            enqueue(tx, job, now, EnqueueOptions::default())?;
            entry.record(tx);
            change::invalidate(tx, id);
            tx.revoke(RevocationKind::Server, id);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
