//! The way out of every state that a server can be stuck in.

use panel_domain::activity::Event;
use panel_domain::id::ServerRef;
use panel_domain::permission::AdminPermission;
use panel_domain::server::ServerAction;
use panel_storage::{operations, servers, transfers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::transfer::call_off;
use super::{change, lookup};
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::operations::TransferEnding;

/// Makes a server ready, whatever it is busy with, and calls off what its node was to do. One that is on its way stays where it is. What the node reports later is
/// taken as it comes.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] for one that is being deleted.
pub async fn clear_state(cx: &Cx, server: ServerRef) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersUpdate)?;
    let row = lookup::current(&mut cx.read_primary().await?, server).await?;
    let id = row.id;
    let entry = cx.entry(
        Event::AdminServerClearState,
        json!({ "server": id, "name": row.name, "status": row.status }),
    );
    let ending = TransferEnding::new(cx, id, Event::TransferFail);
    let now = cx.now();
    let (entry, ending) = (&entry, &ending);
    cx.write(|tx| {
        async move {
            let row = change::lock(tx, id).await?;
            state_of(&row, false).allows(ServerAction::ClearState, true)?;
            if row.destination_node_id.is_some() {
                let last = transfers::last(tx, id).await?;
                call_off(tx, &row, last, ending).await?;
            }
            operations::cancel_lifecycle(tx, id, now);
            servers::change_status(tx, id, row.status.as_deref(), None, None).await?;
            entry.record(tx);
            change::invalidate(tx, id);
            change::sync(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}
