//! Changing what is said of a backup.

use panel_domain::activity::Event;
use panel_domain::backup;
use panel_domain::id::{BackupGroupId, BackupId, ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use panel_storage::Tx;
use panel_storage::backups::{self as rows, BackupChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{lock, owned};
use crate::cx::Cx;
use crate::error::Error;

/// Changes of a backup: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeBackup {
    /// Its name.
    pub name: Option<String>,
    /// Whether it is kept from being deleted.
    pub locked: Option<bool>,
    /// Its group, or none.
    pub group: Option<Option<BackupGroupId>>,
}

/// Changes the name, the lock or the group of a backup.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], also for a group that is not the server's; [`Error::Conflict`] for one that is
/// being deleted, and for the lock of one that is not there.
pub async fn update(
    cx: &Cx,
    server: ServerRef,
    id: BackupId,
    input: ChangeBackup,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsUpdate, ServerAction::Use)
        .await?;
    let server = allowed.resource().id;
    let mut invalid = Invalid::new();
    if let Some(name) = &input.name {
        backup::check_name("name", name, &mut invalid);
    }
    invalid.finish()?;
    let entry = cx.entry(Event::BackupUpdate, json!({})).on(server);
    let (input, entry) = (&input, &entry);
    cx.write(|tx| {
        async move {
            let row = lock(tx, server, id).await?;
            owned(&row)?;
            if row.deleting_at.is_some() {
                return super::usable(&row);
            }
            if input.locked == Some(true) {
                super::usable(&row)?;
            }
            if let Some(Some(group)) = input.group {
                check_group(tx, server, group).await?;
            }
            let changes = BackupChanges {
                name: input.name.clone(),
                locked: input.locked,
                backup_group_id: input.group.map(|group| group.map(BackupGroupId::uuid)),
                ..BackupChanges::default()
            };
            let same = changes.name.as_ref().is_none_or(|name| *name == row.name)
                && changes.locked.is_none_or(|locked| locked == row.locked)
                && input.group.is_none_or(|group| group == row.backup_group_id);
            if same {
                return Ok(());
            }
            rows::update(tx, id, &changes).await?;
            let name = input.name.as_ref().unwrap_or(&row.name);
            let locked = input.locked.unwrap_or(row.locked);
            entry
                .clone()
                .with(json!({ "backup": id, "name": name, "locked": locked }))
                .record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// That a group is the server's.
async fn check_group(tx: &mut Tx, server: ServerId, group: BackupGroupId) -> Result<(), Error> {
    match rows::find_group(tx, server, group).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "backup_group_uuid",
            "must be a backup group of this server",
        )),
    }
}

/// Puts a backup into a group or out of its own, for somebody who was asked already whether they may.
pub(crate) async fn move_to(
    cx: &Cx,
    server: ServerId,
    id: BackupId,
    group: Option<BackupGroupId>,
) -> Result<(), Error> {
    let entry = cx.entry(Event::BackupUpdate, json!({})).on(server);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let row = lock(tx, server, id).await?;
            if let Some(group) = group {
                check_group(tx, server, group).await?;
            }
            let changes = BackupChanges {
                backup_group_id: Some(group.map(BackupGroupId::uuid)),
                ..BackupChanges::default()
            };
            rows::update(tx, id, &changes).await?;
            entry
                .clone()
                .with(json!({ "backup": id, "name": row.name, "group": group }))
                .record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
