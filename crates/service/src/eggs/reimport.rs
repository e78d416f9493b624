//! Replacing an egg by a newer file of it.

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_storage::eggs as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::import::read;
use super::{NAME_KEY, NAME_TAKEN, find, from_model};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Replaces what an egg says by what a file says, and gives what there is to say about the file. Variables are matched by their
/// environment names, so that servers keep the values they have; values of variables that the file lacks are lost.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] when it is no egg, [`Error::Taken`] for a name that another egg of the nest has.
pub async fn reimport(cx: &Cx, nest: NestId, id: EggId, file: &[u8]) -> Result<Vec<String>, Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    let before = find(cx, nest, id).await?;
    let (model, notes) = read(file)?;
    let (egg, variables) = from_model(&model, id, nest, before.starter_slug, cx.now())?;
    let entry = cx.entry(
        Event::EggUpdate,
        json!({ "uuid": id, "name": egg.name, "nest_uuid": nest, "imported": true }),
    );
    let (content, variables, entry) = (&rows::EggContent::from(&egg), &variables, &entry);
    cx.write(|tx| {
        async move {
            let found = rows::update(tx, id, content)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            if !found {
                return Err(Error::not_found("egg"));
            }
            rows::replace_variables(tx, id, variables).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(notes)
}
