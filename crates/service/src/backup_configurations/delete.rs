//! Removing a place for backups.

use panel_domain::activity::Event;
use panel_domain::id::BackupConfigurationId;
use panel_domain::permission::AdminPermission;
use panel_storage::backup_configurations as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::{Error, in_use};

/// Removes a place for backups that has none. What sent its backups there sends them where it inherits from.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while backups are kept there: nobody could get at them any more.
pub async fn delete(cx: &Cx, id: BackupConfigurationId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsDelete)?;
    let row = find(cx, id).await?;
    let entry = cx.entry(
        Event::BackupConfigurationDelete,
        json!({ "uuid": id, "name": row.name }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let deleted = rows::delete(tx, id).await.map_err(|error| {
                in_use(
                    error,
                    "backup_configuration_has_backups",
                    "backups are kept there: delete them first",
                )
            })?;
            if !deleted {
                return Err(Error::not_found("backup configuration"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
