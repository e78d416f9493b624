//! Deleting a location.

use panel_domain::activity::Event;
use panel_domain::id::LocationId;
use panel_domain::permission::AdminPermission;
use panel_storage::locations;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::{Error, in_use};

/// Deletes a location without nodes.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while it has nodes.
pub async fn delete(cx: &Cx, id: LocationId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::LocationsDelete)?;
    let name = find(cx, id).await?.name;
    let entry = cx.entry(Event::LocationDelete, json!({ "uuid": id, "name": name }));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let deleted = locations::delete(tx, id).await.map_err(|error| {
                in_use(
                    error,
                    "location_has_nodes",
                    "this location still has nodes: move or delete them first",
                )
            })?;
            if !deleted {
                return Err(Error::not_found("location"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
