//! Deleting schedules.

use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_storage::schedules as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{executor, lock, tell_node};
use crate::cx::Cx;
use crate::error::Error;

/// Deletes a schedule with its steps. A run of it ends where it is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn delete(cx: &Cx, server: ServerRef, id: ScheduleId) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesDelete, ServerAction::Use)
        .await?;
    let (server, node) = (allowed.resource().id, allowed.resource().node);
    let (executor, now) = (executor(cx, node).await?, cx.now());
    let entry = cx.entry(Event::ScheduleDelete, json!({})).on(server);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let row = lock(tx, server, id).await?;
            rows::delete(tx, server, id).await?;
            entry
                .clone()
                .with(json!({ "schedule": row.name, "uuid": id }))
                .record(tx);
            tell_node(tx, executor, server, now)
        }
        .scope_boxed()
    })
    .await
}
