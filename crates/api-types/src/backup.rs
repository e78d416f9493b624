//! Backups of servers.

use chrono::{DateTime, Utc};
use panel_domain::schedule::ArchiveFormat;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::node::Node;
use crate::page::{Page, SearchQuery};
use crate::server::AdminServer;

/// A backup of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Backup {
    /// Its id.
    pub uuid: Uuid,
    /// The group that it is in.
    pub backup_group_uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Patterns of files that were left out.
    pub ignored_files: Vec<String>,
    /// Whether it is there.
    pub is_successful: bool,
    /// Whether it is kept from being deleted.
    pub is_locked: bool,
    /// Whether it can be looked into.
    pub is_browsable: bool,
    /// Whether it can be streamed.
    pub is_streaming: bool,
    /// Its checksum, `kind:digits`. Nothing for one that is there although nobody has said how it came out.
    pub checksum: Option<String>,
    /// How large it is.
    pub bytes: i64,
    /// How many files are in it, where the node counts them.
    pub files: i64,
    /// How the server was started then.
    pub metadata: Value,
    /// Whether it is being deleted, or could not be.
    pub deletion_status: Option<BackupDeletionStatus>,
    /// How far it is.
    pub state: BackupState,
    /// Why it failed, or could not be deleted.
    pub error: Option<String>,
    /// When it was done, well or not.
    pub completed: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created: DateTime<Utc>,
}

/// How far a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// Its node is to make it, or does.
    Creating,
    /// Its node says that it is there; the store is asked.
    Verifying,
    /// It is there.
    Successful,
    /// It is not.
    Failed,
}

/// What becomes of a backup that somebody has deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupDeletionStatus {
    /// It is being deleted.
    Deleting,
    /// It could not be deleted.
    Failed,
}

/// A backup that is to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBackup {
    /// What people call it; the time without it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Patterns of files that are left out, as in `.gitignore`. Without any, the server's own list of them counts.
    pub ignored_files: Vec<String>,
    /// Into which group it goes.
    #[serde(default)]
    pub backup_group_uuid: Option<Uuid>,
}

/// Changes of a backup; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBackup {
    /// What people call it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Whether it is kept from being deleted.
    #[serde(default)]
    pub locked: Option<bool>,
    /// Its group; out of any when null.
    #[serde(
        default,
        deserialize_with = "crate::patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub backup_group_uuid: Option<Option<Uuid>>,
}

/// How a backup is put back.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// Whether the server's files are deleted before.
    #[serde(default)]
    #[schema(required = false)]
    pub truncate_directory: bool,
    /// Whether the server starts as it did then from now on, too.
    #[serde(default)]
    #[schema(required = false)]
    pub restore_startup: bool,
}

/// Which backups of a server are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BackupsQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of a name to look for.
    pub search: Option<String>,
    /// Only those in no group.
    #[serde(default)]
    #[param(required = false)]
    pub ungrouped: bool,
}

impl BackupsQuery {
    /// Page and text, as other lists have them.
    #[must_use]
    pub fn search_query(&self) -> SearchQuery {
        SearchQuery {
            page: self.page,
            per_page: self.per_page,
            search: self.search.clone(),
        }
    }
}

/// How a backup that is no archive yet is packed when it is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are the names of formats")]
pub enum StreamableArchiveFormat {
    Tar,
    TarGz,
    TarXz,
    TarLzip,
    TarBz2,
    TarLz4,
    TarZstd,
    Itaf,
    ItafGz,
    ItafXz,
    ItafLzip,
    ItafBz2,
    ItafLz4,
    ItafZstd,
    Zip,
}

/// How a backup is handed out.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DownloadBackupQuery {
    /// How it is packed where it is no archive yet; the node decides without it.
    #[param(inline)]
    pub archive_format: Option<StreamableArchiveFormat>,
}

/// From where something can be fetched.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupDownload {
    /// The address; it holds for a quarter of an hour.
    pub url: String,
}

/// How a backup is written among its server's files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportBackup {
    /// Under which path.
    #[schema(min_length = 1, max_length = 4096)]
    pub path: String,
    /// How it is packed.
    #[serde(default)]
    pub archive_format: Option<StreamableArchiveFormat>,
    /// Whether the answer waits for the end.
    #[serde(default)]
    #[schema(required = false)]
    pub foreground: bool,
}

/// How a backup is written among any server's files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportNodeBackup {
    /// The server.
    pub server_uuid: Uuid,
    /// Under which path.
    #[schema(min_length = 1, max_length = 4096)]
    pub path: String,
    /// How it is packed.
    #[serde(default)]
    pub archive_format: Option<StreamableArchiveFormat>,
    /// Whether the answer waits for the end.
    #[serde(default)]
    #[schema(required = false)]
    pub foreground: bool,
}

/// The file that a backup was written to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedBackup {
    /// Its name.
    pub name: String,
    /// Mode in words.
    pub mode: String,
    /// Mode in octal digits.
    pub mode_bits: String,
    /// Bytes.
    pub size: u64,
    /// Bytes on the disk; the same as `size` where the node does not say.
    pub size_physical: u64,
    /// Whether it is a text that people can edit.
    pub editable: bool,
    /// Whether what is packed in it can be edited.
    pub inner_editable: bool,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether it is a file.
    pub file: bool,
    /// Whether it is a symbolic link.
    pub symlink: bool,
    /// Whether it is in an archive that is looked into.
    pub r#virtual: bool,
    /// Media type.
    pub mime: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When its content was last changed.
    pub modified: DateTime<Utc>,
}

/// An export that is done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedBackupBody {
    /// The file.
    pub entry: ExportedBackup,
}

/// An export that the node is at.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct StartedExport {
    /// What the node calls it.
    pub identifier: Uuid,
}

/// What a node knows of a backup.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupArchive {
    /// How it is packed, where it is one archive.
    pub archive_format: Option<ArchiveFormat>,
    /// How large it is, where that is known.
    pub size: Option<u64>,
}

/// One backup.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupBody {
    /// The backup.
    pub backup: Backup,
}

/// A page of backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Backups {
    /// The backups.
    pub backups: Page<Backup>,
}

/// A group of backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupGroup {
    /// Its id.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// How many of its backups are kept.
    pub retention_count: Option<i32>,
    /// For how many days they are kept.
    pub retention_days: Option<i32>,
    /// How many are in it, also those that failed or are being made.
    pub total_backups: i64,
    /// How many can be restored.
    pub usable_backups: i64,
    /// How many of these are not locked.
    pub usable_unlocked_backups: i64,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new group.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBackupGroup {
    /// What people call it; unique on the server.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// How many of its backups are kept.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub retention_count: Option<i32>,
    /// For how many days they are kept.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub retention_days: Option<i32>,
}

/// Changes of a group; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBackupGroup {
    /// What people call it; unique on the server.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// How many of its backups are kept; all when null.
    #[serde(
        default,
        deserialize_with = "crate::patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub retention_count: Option<Option<i32>>,
    /// For how many days they are kept; for ever when null.
    #[serde(
        default,
        deserialize_with = "crate::patch::nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub retention_days: Option<Option<i32>>,
}

/// How a group is deleted.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteBackupGroup {
    /// Whether its backups are locked before.
    #[serde(default)]
    #[schema(required = false)]
    pub lock_backups: bool,
}

/// One group.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupGroupBody {
    /// The group.
    pub backup_group: BackupGroup,
}

/// The groups of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupGroups {
    /// The groups.
    pub backup_groups: Vec<BackupGroup>,
}

/// A backup as administrators see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminBackup {
    /// The backup itself.
    #[serde(flatten)]
    pub backup: Backup,
    /// Whether every node reaches it.
    pub is_shared: bool,
    /// The policy that it was made by.
    pub system_backup_policy_uuid: Option<Uuid>,
    /// The node that has it or made it.
    pub node: Node,
    /// Whose it is, if anybody's.
    pub server: Option<AdminServer>,
}

/// A page of backups as administrators see them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminBackups {
    /// The backups.
    pub backups: Page<AdminBackup>,
}

/// Which backups of a node are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NodeBackupsQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of a name to look for.
    pub search: Option<String>,
    /// Only those that belong to no server.
    #[serde(default)]
    #[param(required = false)]
    pub detached: bool,
}

impl NodeBackupsQuery {
    /// Page and text, as other lists have them.
    #[must_use]
    pub fn search_query(&self) -> SearchQuery {
        SearchQuery {
            page: self.page,
            per_page: self.per_page,
            search: self.search.clone(),
        }
    }
}

/// Which backups of a server are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServerBackupsQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of a name to look for.
    pub search: Option<String>,
    /// Only those that are on another node than the server.
    #[serde(default)]
    #[param(required = false)]
    pub partially_detached: bool,
}

impl ServerBackupsQuery {
    /// Page and text, as other lists have them.
    #[must_use]
    pub fn search_query(&self) -> SearchQuery {
        SearchQuery {
            page: self.page,
            per_page: self.per_page,
            search: self.search.clone(),
        }
    }
}

/// How a backup is deleted by an administrator.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteNodeBackup {
    /// Whether the panel forgets it even when its node or store does not.
    pub force: bool,
}

/// To which server a backup is given.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReattachBackup {
    /// The server; it reaches the backup from where it is.
    pub server_uuid: Uuid,
}

/// On which server a backup is put back, and how.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreNodeBackup {
    /// The server; it reaches the backup from where it is.
    pub server_uuid: Uuid,
    /// Whether the server's files are deleted before.
    #[serde(default)]
    #[schema(required = false)]
    pub truncate_directory: bool,
    /// Whether the server starts as it did then from now on, too.
    #[serde(default)]
    #[schema(required = false)]
    pub restore_startup: bool,
}
