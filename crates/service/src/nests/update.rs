//! Changing a nest.

use panel_domain::activity::Event;
use panel_domain::egg;
use panel_domain::id::NestId;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::nests::{self, NestChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, find};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes a nest.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(cx: &Cx, id: NestId, changes: NestChanges) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NestsUpdate)?;
    let before = find(cx, id).await?;
    let mut invalid = Invalid::new();
    egg::check_nest(
        changes.name.as_deref().unwrap_or(&before.name),
        changes.author.as_deref().unwrap_or(&before.author),
        changes
            .description
            .as_ref()
            .unwrap_or(&before.description)
            .as_deref(),
        &mut invalid,
    );
    invalid.finish()?;
    if changes.name.is_none() && changes.author.is_none() && changes.description.is_none() {
        return Ok(());
    }
    let name = changes.name.clone().unwrap_or(before.name);
    let entry = cx.entry(Event::NestUpdate, json!({ "uuid": id, "name": name }));
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let found = nests::update(tx, id, changes)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            if !found {
                return Err(Error::not_found("nest"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
