//! Moving servers between nodes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::node::ServerSelector;

/// How a server is packed for its way. Nodes with a daemon in Go always use `tar_gz`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TransferArchiveFormat {
    Tar,
    #[default]
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
}

/// How hard something is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CompressionLevel {
    BestSpeed,
    GoodSpeed,
    GoodCompression,
    BestCompression,
}

/// Where a server goes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferServer {
    /// The node, which runs the same daemon.
    pub node_uuid: Uuid,
    /// The primary allocation there.
    pub allocation_uuid: Option<Uuid>,
    /// More allocations there, 100 at most.
    pub allocation_uuids: Vec<Uuid>,
    /// Backups on its node that go along. Those that every node reaches need not be named.
    pub backups: Vec<Uuid>,
    /// Whether their copies are removed where they were, once the server has arrived.
    pub delete_source_backups: bool,
    /// How the server is packed.
    pub archive_format: TransferArchiveFormat,
    /// How hard; as the daemon likes when null.
    pub compression_level: Option<CompressionLevel>,
    /// Further streams beside the first, 16 at most.
    pub multiplex_channels: u64,
}

/// Which allocations servers get on their new node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MassTransferAllocationMode {
    /// None.
    None,
    /// Any free one as the primary.
    RandomPrimary,
    /// As many as they have.
    RandomAll,
    /// The same ports.
    PreservePorts,
    /// Refused: eggs of this panel do not say which.
    EggConfigDeployment,
    /// Refused: eggs of this panel do not say which.
    EggConfigSelfAssignRange,
}

/// Where many servers of a node go.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferServers {
    /// Which ones, 200 at most.
    pub servers: ServerSelector,
    /// The node, which runs the same daemon.
    pub node_uuid: Uuid,
    /// Which allocations they get there.
    pub allocation_mode: MassTransferAllocationMode,
    /// Whether their backups on the node go along.
    pub transfer_backups: bool,
    /// Whether the copies of these are removed where they were, once each server has arrived.
    pub delete_source_backups: bool,
    /// How the servers are packed.
    pub archive_format: TransferArchiveFormat,
    /// How hard; as the daemon likes when null.
    pub compression_level: Option<CompressionLevel>,
    /// Further streams beside the first, 16 at most.
    pub multiplex_channels: u64,
}

/// How far a server is on its way. Daemons that do not say leave all of it at 0.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct TransferProgress {
    /// Bytes of files that were packed or unpacked.
    pub archive_bytes_processed: u64,
    /// Bytes that went over the network.
    pub network_bytes_processed: u64,
    /// Bytes in all.
    pub bytes_total: u64,
    /// Files that were packed or unpacked.
    pub files_processed: u64,
}

/// How far the servers are that leave a node or come to it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeTransfers {
    /// By server.
    pub transfers: BTreeMap<Uuid, TransferProgress>,
}
