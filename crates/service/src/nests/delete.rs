//! Deleting a nest.

use panel_domain::activity::Event;
use panel_domain::id::NestId;
use panel_domain::permission::AdminPermission;
use panel_storage::{eggs, nests};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::{Error, in_use};

/// Deletes a nest; with `delete_eggs` together with its eggs, for which the permission to delete eggs is needed too.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while it has eggs, or while servers run one of them.
pub async fn delete(cx: &Cx, id: NestId, delete_eggs: bool) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NestsDelete)?;
    if delete_eggs {
        cx.require_admin(AdminPermission::EggsDelete)?;
    }
    let name = find(cx, id).await?.name;
    let entry = cx.entry(
        Event::NestDelete,
        json!({ "uuid": id, "name": name, "delete_eggs": delete_eggs }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if delete_eggs {
                eggs::delete_of_nest(tx, id).await.map_err(|error| {
                    in_use(
                        error,
                        "egg_has_servers",
                        "servers run an egg of this nest: delete them or give them another egg first",
                    )
                })?;
            }
            let deleted = nests::delete(tx, id).await.map_err(|error| {
                in_use(
                    error,
                    "nest_has_eggs",
                    "this nest still has eggs: move or delete them first",
                )
            })?;
            if !deleted {
                return Err(Error::not_found("nest"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
