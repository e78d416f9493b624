//! Where and how backups are stored.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A place for backups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupConfiguration {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Whether it is under maintenance.
    pub maintenance_enabled: bool,
    /// Whether several nodes may use it.
    pub shared: bool,
    /// How backups are stored.
    pub backup_disk: BackupDisk,
    /// Access to the store, by kind.
    pub backup_configs: Value,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// How backups are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackupDisk {
    /// As archives on the node.
    Local,
    /// As archives in an S3 bucket.
    S3,
    #[serde(rename = "ddup-bak")]
    /// Deduplicated on the node.
    DdupBak,
    /// As Btrfs snapshots.
    Btrfs,
    /// As ZFS snapshots.
    Zfs,
    /// In a restic repository.
    Restic,
    #[serde(rename = "proxmox-backup-server")]
    /// On a Proxmox Backup Server.
    ProxmoxBackupServer,
    /// In a Kopia repository.
    Kopia,
}
