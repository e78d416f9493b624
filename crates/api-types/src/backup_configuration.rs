//! Where and how backups are stored.

use chrono::{DateTime, Utc};
use panel_domain::backup::Stores;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;

/// A place for backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupConfiguration {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Whether it is under maintenance: no backup is made there then.
    pub maintenance_enabled: bool,
    /// Whether several nodes may use it.
    pub shared: bool,
    /// How backups are stored.
    pub backup_disk: BackupDisk,
    /// Access to the store, by kind.
    pub backup_configs: Stores,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// How backups are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BackupDisk {
    /// As archives on the node.
    Local,
    /// As archives in an S3 bucket.
    S3,
    /// Deduplicated on the node.
    DdupBak,
    /// As Btrfs snapshots.
    Btrfs,
    /// As ZFS snapshots.
    Zfs,
    /// In a restic repository.
    Restic,
    /// On a Proxmox Backup Server.
    ProxmoxBackupServer,
    /// In a Kopia repository.
    Kopia,
}

/// A new place for backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBackupConfiguration {
    /// What people call it.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// Free text about it.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is under maintenance.
    pub maintenance_enabled: bool,
    /// Whether several nodes may use it.
    pub shared: bool,
    /// How backups are stored.
    pub backup_disk: BackupDisk,
    /// Access to the store, by kind.
    pub backup_configs: Stores,
}

/// Changes of a place for backups; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBackupConfiguration {
    /// What people call it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Free text about it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// Whether it is under maintenance.
    #[serde(default)]
    pub maintenance_enabled: Option<bool>,
    /// Whether several nodes may use it.
    #[serde(default)]
    pub shared: Option<bool>,
    /// How backups are stored.
    #[serde(default)]
    pub backup_disk: Option<BackupDisk>,
    /// Access to the store, by kind; as a whole.
    #[serde(default)]
    pub backup_configs: Option<Stores>,
}

/// The name of a copy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateBackupConfiguration {
    /// What people call the copy.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
}

/// One place for backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupConfigurationBody {
    /// The place.
    pub backup_configuration: BackupConfiguration,
}

/// A page of places for backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupConfigurations {
    /// The places.
    pub backup_configurations: Page<BackupConfiguration>,
}

/// How many backups were made in a time.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct BackupCounts {
    /// All of them.
    pub total: i64,
    /// Those that came to be.
    pub successful: i64,
    /// Bytes of these.
    pub successful_bytes: i64,
    /// Those that did not.
    pub failed: i64,
    /// Those that are gone again.
    pub deleted: i64,
    /// Bytes of these.
    pub deleted_bytes: i64,
}

/// How many backups were made.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct BackupStats {
    /// From the beginning.
    pub all_time: BackupCounts,
    /// In the last day.
    pub today: BackupCounts,
    /// In the last seven days.
    pub week: BackupCounts,
    /// In the last thirty days.
    pub month: BackupCounts,
}
