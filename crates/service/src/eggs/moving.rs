//! Moving eggs to another nest.

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_storage::eggs as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, find, no_nest};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Moves one egg.
///
/// # Errors
/// As [`move_many`], and [`Error::NotFound`] when the egg is not in `nest`.
pub async fn move_one(cx: &Cx, nest: NestId, id: EggId, into: NestId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, id).await?;
    move_many(cx, nest, vec![id], into).await?;
    Ok(())
}

/// Moves eggs from one nest to another, all or none, and gives how many there were. Ids of other eggs are passed over.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for a nest, [`Error::Taken`] when the other nest has an egg of that name,
/// [`Error::Conflict`] for an egg that inherits or is inherited from.
pub async fn move_many(
    cx: &Cx,
    nest: NestId,
    ids: Vec<EggId>,
    into: NestId,
) -> Result<usize, Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    crate::nests::find(cx, nest).await?;
    crate::nests::find(cx, into).await?;
    let entry = cx.entry(Event::EggUpdate, json!({}));
    let (ids, entry) = (&ids, &entry);
    cx.write(|tx| {
        async move {
            let moved = match rows::move_many(tx, nest, ids, into).await {
                Err(error) if has_family(&error) => Err(Error::conflict(
                    "egg_has_family",
                    "this egg inherits from another one, or another one from it: end that first",
                )),
                moved => moved
                    .taken(NAME_KEY, "destination_nest_uuid", NAME_TAKEN)
                    .map_err(no_nest),
            }?;
            if !moved.is_empty() {
                let details =
                    json!({ "uuids": moved, "nest_uuid": nest, "destination_nest_uuid": into });
                entry.clone().with(details).record(tx);
            }
            Ok(moved.len())
        }
        .scope_boxed()
    })
    .await
}

/// An egg stays in the nest of the eggs it inherits from and of those that inherit from it.
fn has_family(error: &panel_storage::Error) -> bool {
    matches!(error, panel_storage::Error::ForeignKey { constraint } if constraint.starts_with("egg_inheritance_"))
}
