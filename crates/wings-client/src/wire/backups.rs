//! Backups on a node.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Body of `POST /api/servers/{server}/backup`; answered 202 at once, the result comes by [`super::remote::BackupResult`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateBackup {
    /// Where it is kept: `wings` and `s3` everywhere, `ddup-bak`, `btrfs`, `zfs`, `restic` on Calagopus.
    pub adapter: String,
    /// The backup's id, given by the panel.
    pub uuid: Uuid,
    /// Patterns to leave out, one a line, as in `.gitignore`; empty to use the server's own ignore file.
    pub ignore: String,
}

/// Body of `POST /api/servers/{server}/backup/{backup}/restore`; answered 202, the result comes by [`super::remote::RestoreResult`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreBackup {
    /// Where it is kept.
    pub adapter: String,
    /// Delete all files first.
    pub truncate_directory: bool,
    /// From where to fetch it; required for `s3`.
    #[serde(default)]
    pub download_url: Option<String>,
}

/// Body of `DELETE /api/backups/{backup}` (Calagopus).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteBackup {
    /// Where it is kept.
    pub adapter: String,
}
