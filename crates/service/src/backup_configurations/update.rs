//! Changing a place for backups.

use panel_domain::activity::Event;
use panel_domain::backup::{self, BackupDisk, Stores};
use panel_domain::id::BackupConfigurationId;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::backup_configurations::{self as rows, BackupConfigurationChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{BackupConfiguration, NAME_TAKEN, find};
use crate::backups::seal_stores;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes of a place for backups: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of a new one")]
pub struct ChangeBackupConfiguration {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub maintenance_enabled: Option<bool>,
    pub shared: Option<bool>,
    pub disk: Option<BackupDisk>,
    pub stores: Option<Stores>,
}

/// Changes a place for backups. Backups that are there stay where and how they are; the access to them is what holds from now on.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(
    cx: &Cx,
    id: BackupConfigurationId,
    input: ChangeBackupConfiguration,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsUpdate)?;
    let before = BackupConfiguration::of(cx, find(cx, id).await?)?;
    let mut invalid = Invalid::new();
    let name = input.name.clone().unwrap_or(before.name);
    let description = input.description.clone().unwrap_or(before.description);
    backup::check_configuration(&name, description.as_deref(), &mut invalid);
    let disk = input.disk.unwrap_or(before.disk);
    let stores = input.stores.clone().unwrap_or(before.stores);
    stores.check(disk, &mut invalid);
    invalid.finish()?;
    let changes = BackupConfigurationChanges {
        name: input.name,
        description: input.description,
        maintenance_enabled: input.maintenance_enabled,
        shared: input.shared,
        disk: input.disk.map(|disk| disk.as_str().to_owned()),
        stores: input
            .stores
            .map(|stores| seal_stores(cx, id, &stores))
            .transpose()?,
    };
    let unchanged = changes.name.is_none()
        && changes.description.is_none()
        && changes.maintenance_enabled.is_none()
        && changes.shared.is_none()
        && changes.disk.is_none()
        && changes.stores.is_none();
    if unchanged {
        return Ok(());
    }
    let entry = cx.entry(
        Event::BackupConfigurationUpdate,
        json!({ "uuid": id, "name": name, "access": changes.stores.is_some() }),
    );
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let found =
                rows::update(tx, id, changes)
                    .await
                    .taken(rows::NAME_KEY, "name", NAME_TAKEN)?;
            if !found {
                return Err(Error::not_found("backup configuration"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
