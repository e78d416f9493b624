//! Deleting a group of servers.

use panel_domain::activity::Event;
use panel_domain::id::ServerGroupId;
use panel_domain::permission::UserPermission;
use panel_storage::server_groups;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// Deletes a group of the caller. Its servers stay.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: ServerGroupId) -> Result<(), Error> {
    let user = cx.require_user(UserPermission::ServersDelete)?.id;
    let before = find(cx, user, id).await?;
    let entry = cx.entry(
        Event::ServerGroupDelete,
        json!({ "uuid": id, "name": before.name }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !server_groups::delete(tx, user, id).await? {
                return Err(Error::not_found("server group"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
