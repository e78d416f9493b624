//! Moving a server from one node to another.
//!
//! The panel tells the source where to send it and with which token; the source sends archives to the destination; the destination tells
//! the panel. Only nodes of one flavour understand each other for certain.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::files::{ArchiveFormat, CompressionLevel};

/// Body of `POST /api/servers/{server}/transfer`, to the source. Fields a flavour does not know are ignored by it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartTransfer {
    /// `<destination>/api/transfers`, as the source reaches it.
    pub url: String,
    /// The whole value of the header: `Bearer <token>`, with the destination's signature.
    pub token: String,
    /// Read by Pterodactyl.
    pub server: TransferredServer,
    /// Read by older Go daemons.
    pub server_id: Uuid,
    /// Backups on the node to move along (Pelican, Calagopus).
    #[serde(default)]
    pub backups: Vec<Uuid>,
    /// Delete those on the source once they are sent, which is before the panel knows how it ended (Calagopus).
    #[serde(default)]
    pub delete_backups: bool,
    /// How to pack (Calagopus).
    #[serde(default = "tar_gz")]
    pub archive_format: ArchiveFormat,
    /// How hard to pack (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression_level: Option<CompressionLevel>,
    /// Further streams beside the first (Calagopus).
    #[serde(default)]
    pub multiplex_streams: u64,
}

const fn tar_gz() -> ArchiveFormat {
    ArchiveFormat::TarGz
}

impl std::fmt::Debug for StartTransfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StartTransfer")
            .field("url", &self.url)
            .field("token", &"…")
            .field("server_id", &self.server_id)
            .field("backups", &self.backups)
            .finish_non_exhaustive()
    }
}

/// The server in [`StartTransfer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferredServer {
    /// Which.
    pub uuid: Uuid,
    /// Start it on the destination.
    pub start_on_completion: bool,
}

/// One entry of `GET /api/transfers` (Calagopus 1): what has come of a transfer so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferProgress {
    /// Bytes of files packed or unpacked.
    pub archive_bytes_processed: u64,
    /// Bytes over the network.
    pub network_bytes_processed: u64,
    /// Bytes in all.
    pub bytes_total: u64,
    /// Files packed or unpacked.
    pub files_processed: u64,
}

/// Answer of `GET /api/transfers/capabilities` (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferCapabilities {
    /// How the node packs its own backups.
    pub wings_archive_format: ArchiveFormat,
    /// How hard it packs them.
    pub wings_archive_compression_level: CompressionLevel,
    /// How it holds servers to their disk space: `none`, `btrfs_subvolume`, `zfs_dataset`, `xfs_quota`, `fuse_quota`.
    pub disk_limiter_mode: String,
}
