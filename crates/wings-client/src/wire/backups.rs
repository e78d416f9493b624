//! Backups on a node.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::files::ArchiveFormat;

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

/// Body of `DELETE /api/backups/{backup}` (Calagopus). The server need not be on the node any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteBackup {
    /// Where it is kept.
    pub adapter: String,
    /// Whether to answer only when done (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreground: Option<bool>,
    /// Of which server (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Uuid>,
}

/// Answer of `GET /api/backups/{backup}/query?adapter=` (Calagopus 1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupQuery {
    /// How it is packed, where it is one archive.
    #[serde(default)]
    pub archive_format: Option<ArchiveFormat>,
    /// Bytes, where known.
    #[serde(default)]
    pub size: Option<u64>,
}

/// Body of `POST /api/backups/{backup}/export` (Calagopus 1): writes the backup as an archive among a server's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportBackup {
    /// Where it is kept.
    pub adapter: String,
    /// Among whose files.
    pub server: Uuid,
    /// Under which path.
    pub path: String,
    /// How to pack it.
    pub archive_format: ArchiveFormat,
    /// Whether to answer only when done.
    pub foreground: bool,
}
