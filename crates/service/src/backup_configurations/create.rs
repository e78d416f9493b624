//! Making a place for backups.

use panel_domain::activity::Event;
use panel_domain::backup::{self, BackupDisk, Stores};
use panel_domain::id::BackupConfigurationId;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::backup_configurations as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{BackupConfiguration, NAME_TAKEN, find};
use crate::backups::seal_stores;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A new place for backups.
#[derive(Debug, Clone)]
pub struct NewBackupConfiguration {
    /// Unique among them.
    pub name: String,
    /// For administrators.
    pub description: Option<String>,
    /// Whether no backup is made there for now.
    pub maintenance_enabled: bool,
    /// Whether every node reaches what any node has put there.
    pub shared: bool,
    /// How backups are kept.
    pub disk: BackupDisk,
    /// Access to the stores.
    pub stores: Stores,
}

/// Makes a place for backups.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn create(cx: &Cx, input: NewBackupConfiguration) -> Result<BackupConfiguration, Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsCreate)?;
    insert(cx, input).await
}

/// Makes a place for backups like another one, access included. Whoever may not see that may not copy it.
///
/// # Errors
/// As for [`create`], and [`Error::NotFound`].
pub async fn duplicate(
    cx: &Cx,
    id: BackupConfigurationId,
    name: String,
) -> Result<BackupConfiguration, Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsCreate)?;
    cx.require_admin(AdminPermission::BackupConfigurationsRead)?;
    let like = BackupConfiguration::of(cx, find(cx, id).await?)?;
    let input = NewBackupConfiguration {
        name,
        description: like.description,
        maintenance_enabled: like.maintenance_enabled,
        shared: like.shared,
        disk: like.disk,
        stores: like.stores,
    };
    insert(cx, input).await
}

async fn insert(cx: &Cx, input: NewBackupConfiguration) -> Result<BackupConfiguration, Error> {
    let mut invalid = Invalid::new();
    backup::check_configuration(&input.name, input.description.as_deref(), &mut invalid);
    input.stores.check(input.disk, &mut invalid);
    invalid.finish()?;
    let id = BackupConfigurationId::new_v4();
    let row = rows::BackupConfiguration {
        id,
        name: input.name,
        description: input.description,
        maintenance_enabled: input.maintenance_enabled,
        shared: input.shared,
        disk: input.disk.as_str().to_owned(),
        stores: seal_stores(cx, id, &input.stores)?,
        created_at: cx.now(),
    };
    let entry = cx.entry(
        Event::BackupConfigurationCreate,
        json!({ "uuid": id, "name": row.name }),
    );
    let (made, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            rows::insert(tx, made)
                .await
                .taken(rows::NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    BackupConfiguration::of(cx, row)
}
