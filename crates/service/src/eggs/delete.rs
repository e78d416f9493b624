//! Deleting eggs.

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_storage::eggs as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::{Error, in_use};

/// Deletes an egg that no server runs.
///
/// # Errors
/// As [`delete_many`], and [`Error::NotFound`] when the egg is not in `nest`.
pub async fn delete(cx: &Cx, nest: NestId, id: EggId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsDelete)?;
    find(cx, nest, id).await?;
    delete_many(cx, nest, vec![id]).await?;
    Ok(())
}

/// Deletes eggs of a nest, all or none, and gives how many there were. Ids of other eggs are passed over.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for the nest, [`Error::Conflict`] while servers run one of them or another egg inherits
/// from one.
pub async fn delete_many(cx: &Cx, nest: NestId, ids: Vec<EggId>) -> Result<usize, Error> {
    cx.require_admin(AdminPermission::EggsDelete)?;
    crate::nests::find(cx, nest).await?;
    let entry = cx.entry(Event::EggDelete, json!({}));
    let (ids, entry) = (&ids, &entry);
    cx.write(|tx| {
        async move {
            let deleted = rows::delete_many(tx, nest, ids)
                .await
                .map_err(still_needed)?;
            if !deleted.is_empty() {
                let details = json!({ "uuids": deleted, "nest_uuid": nest });
                entry.clone().with(details).record(tx);
            }
            Ok(deleted.len())
        }
        .scope_boxed()
    })
    .await
}

fn still_needed(error: panel_storage::Error) -> Error {
    match &error {
        panel_storage::Error::ForeignKey { constraint } if constraint == rows::INHERITANCE_KEY => {
            Error::conflict(
                "egg_has_heirs",
                "another egg inherits from this egg: let it have its own first",
            )
        }
        _ => in_use(
            error,
            "egg_has_servers",
            "servers run this egg: delete them or give them another egg first",
        ),
    }
}
