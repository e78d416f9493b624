//! Changing a location.

use panel_domain::activity::Event;
use panel_domain::id::{BackupConfigurationId, LocationId};
use panel_domain::location;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::locations::{self, LocationChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, find};
use crate::backup_configurations::check_reference;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes a location.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(cx: &Cx, id: LocationId, changes: LocationChanges) -> Result<(), Error> {
    cx.require_admin(AdminPermission::LocationsUpdate)?;
    let before = find(cx, id).await?;
    let mut invalid = Invalid::new();
    location::check(
        changes.name.as_deref().unwrap_or(&before.name),
        changes
            .description
            .as_ref()
            .unwrap_or(&before.description)
            .as_deref(),
        changes.flag.as_ref().unwrap_or(&before.flag).as_deref(),
        &mut invalid,
    );
    invalid.finish()?;
    if changes.name.is_none()
        && changes.description.is_none()
        && changes.flag.is_none()
        && changes.backup_configuration_id.is_none()
    {
        return Ok(());
    }
    let name = changes.name.clone().unwrap_or(before.name);
    let entry = cx.entry(Event::LocationUpdate, json!({ "uuid": id, "name": name }));
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let configuration = changes.backup_configuration_id.flatten();
            check_reference(tx, configuration.map(BackupConfigurationId::from)).await?;
            locations::update(tx, id, changes)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?
                .ok_or(Error::not_found("location"))?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
