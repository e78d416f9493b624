//! Deleting a mount.

use panel_domain::activity::Event;
use panel_domain::id::MountId;
use panel_domain::permission::AdminPermission;
use panel_storage::mounts;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::{Error, in_use};

/// Deletes a mount that no server has.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while a server has it.
pub async fn delete(cx: &Cx, id: MountId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::MountsDelete)?;
    let name = find(cx, id).await?.name;
    let entry = cx.entry(Event::MountDelete, json!({ "uuid": id, "name": name }));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let deleted = mounts::delete(tx, id).await.map_err(|error| {
                in_use(
                    error,
                    "mount_in_use",
                    "servers have this mount: take it from them first",
                )
            })?;
            if !deleted {
                return Err(Error::not_found("mount"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
