//! Backups of servers: what their users do with them. What happens on nodes and at stores is in `operations`.

mod admin;
mod create;
mod delete;
mod download;
mod groups;
mod query;
mod read;
mod reserve;
mod restore;
mod select;
mod store;
mod update;

pub use admin::{
    AdminBackup, ListNodeBackups, all_stats, at_configuration, by_policy, delete_on_node, detach,
    download_on_node, export_on_node, get_on_node, of_any_server, on_node, query_on_node, reattach,
    restore_on_node,
};
pub use create::{CreateBackup, create};
pub use delete::delete;
pub(crate) use delete::{Doomed, condemn, delete_of};
pub use download::{Download, archive_format, download};
pub(crate) use download::{link as download_link, sign as sign_download};
pub use groups::{
    BackupGroup, ChangeGroup, NewGroup, create_group, delete_group, group_backups, groups,
    update_group,
};
pub use panel_storage::backups::Backup;
pub use query::{Archive, Export, Exported, export, query};
pub use read::{ListBackups, get, list, list_system};
pub(crate) use reserve::{NewBackup, reserve};
pub use restore::{RestoreBackup, restore, unlock};
pub(crate) use restore::{RestoreOrder, StartupThen, begin as begin_restore};
pub(crate) use select::selected;
pub(crate) use store::{Uploading, key_of, open_store, open_stores, seal_stores, stores_of};
pub(crate) use update::move_to;
pub use update::{ChangeBackup, update};

use panel_domain::backup::{BackupDisk, BackupState};
use panel_domain::id::{BackupId, ServerId};
use panel_storage::backups::{self as rows, Scope};
use panel_storage::{Readable, Tx};

use crate::error::Error;

/// How a backup's data is kept.
pub(crate) fn disk_of(backup: &Backup) -> Result<BackupDisk, Error> {
    backup.disk.parse().map_err(Error::internal)
}

/// How far a backup is.
pub(crate) fn state_of(backup: &Backup) -> Result<BackupState, Error> {
    backup.state.parse().map_err(Error::internal)
}

/// The backup of this id that the server can use.
async fn of_server(
    conn: &mut impl Readable,
    server: ServerId,
    id: BackupId,
) -> Result<Backup, Error> {
    rows::find(conn, Scope::Server(server), id)
        .await?
        .ok_or(Error::not_found("backup"))
}

/// The same, locked until the transaction ends.
async fn lock(tx: &mut Tx, server: ServerId, id: BackupId) -> Result<Backup, Error> {
    rows::lock(tx, Scope::Server(server), id)
        .await?
        .ok_or(Error::not_found("backup"))
}

/// That a server's users may change or delete a backup: those that the panel makes by itself are the operator's.
fn owned(backup: &Backup) -> Result<(), Error> {
    if backup.system_backup_policy_id.is_some() {
        return Err(Error::conflict(
            "backup_of_policy",
            "the panel made this backup by itself: only an administrator changes or deletes it",
        ));
    }
    Ok(())
}

/// That a backup is there to be used.
fn usable(backup: &Backup) -> Result<(), Error> {
    if backup.deleting_at.is_some() {
        return Err(Error::conflict(
            "backup_deleting",
            "the backup is being deleted",
        ));
    }
    match state_of(backup)? {
        BackupState::Successful => Ok(()),
        BackupState::Creating | BackupState::Verifying => Err(Error::conflict(
            "backup_in_progress",
            "the backup is being made; try again when that has ended",
        )),
        BackupState::Failed => Err(Error::conflict("backup_failed", "the backup failed")),
    }
}
