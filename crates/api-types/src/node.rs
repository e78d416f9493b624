//! Nodes: machines that run the Wings daemon.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::backup_configuration::BackupConfiguration;
use crate::location::Location;
use crate::page::Page;
use crate::server::PowerAction;

/// A machine that runs the Wings daemon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// Identifier.
    pub uuid: Uuid,
    /// Where it stands.
    pub location: Location,
    /// Always null: see `backup_configuration_uuid`.
    pub backup_configuration: Option<BackupConfiguration>,
    /// Where its backups go, when set here.
    pub backup_configuration_uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Whether servers may be placed here automatically.
    pub deployment_enabled: bool,
    /// Whether it is under maintenance.
    pub maintenance_enabled: bool,
    /// Address that browsers use when it differs.
    #[schema(format = "uri")]
    pub public_url: Option<String>,
    /// Address of the daemon, as the panel reaches it.
    #[schema(format = "uri")]
    pub url: String,
    /// Host for SFTP when it is not the node's own.
    pub sftp_host: Option<String>,
    /// Port for SFTP.
    pub sftp_port: u16,
    /// Memory for servers in MiB.
    pub memory: i64,
    /// Disk for servers in MiB.
    pub disk: i64,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateNode {
    /// The location.
    pub location_uuid: Uuid,
    /// Where its backups go; inherited when null.
    pub backup_configuration_uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Whether servers may be placed here automatically.
    pub deployment_enabled: bool,
    /// Whether it is under maintenance.
    pub maintenance_enabled: bool,
    /// Address that browsers use when it differs.
    pub public_url: Option<String>,
    /// Address of the daemon, as the panel reaches it.
    pub url: String,
    /// Host for SFTP when it is not the node's own.
    pub sftp_host: Option<String>,
    #[schema(minimum = 1)]
    /// Port for SFTP.
    pub sftp_port: u16,
    #[schema(minimum = 0)]
    /// Memory for servers in MiB.
    pub memory: i64,
    #[schema(minimum = 0)]
    /// Disk for servers in MiB.
    pub disk: i64,
}

/// Changes of a node; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateNode {
    /// The location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_uuid: Option<Uuid>,
    /// Where its backups go; inherited when null.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub backup_configuration_uuid: Option<Option<Uuid>>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text about it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// Whether servers may be placed here automatically.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_enabled: Option<bool>,
    /// Whether it is under maintenance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_enabled: Option<bool>,
    /// Address that browsers use when it differs.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub public_url: Option<Option<String>>,
    /// Address of the daemon, as the panel reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Host for SFTP when it is not the node's own.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub sftp_host: Option<Option<String>>,
    /// Port for SFTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sftp_port: Option<u16>,
    /// Memory for servers in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Disk for servers in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<i64>,
}

/// One node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeBody {
    /// The node.
    pub node: Node,
}

/// A page of nodes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Nodes {
    /// The nodes.
    pub nodes: Page<Node>,
}

/// What a daemon signs in with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeToken {
    /// The public half of the token.
    pub token_id: String,
    /// The secret half.
    pub token: String,
}

/// How much of a node is given to servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeCapacity {
    /// Given to servers.
    pub allocated: NodeAllocated,
    /// What the node has.
    pub limits: NodeLimits,
}

/// What the servers of a node may use, added up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeAllocated {
    /// Number of servers.
    pub servers: i64,
    /// CPU in percent of a core.
    pub cpu: i64,
    /// Memory in MiB.
    pub memory: i64,
    /// Memory beside the servers' own, in MiB.
    pub memory_overhead: i64,
    /// Disk in MiB.
    pub disk: i64,
}

/// What a node has.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeLimits {
    /// Memory in MiB.
    pub memory: i64,
    /// Disk in MiB.
    pub disk: i64,
}

/// The daemon's configuration file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeConfiguration {
    /// Contents of `config.yml`, with the token: a secret.
    pub yaml: String,
}

/// What the panel knows of the daemon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeStatus {
    /// Whether it answered just now.
    pub reachable: bool,
    /// Which daemon it is: `calagopus`, `pterodactyl` or `pelican`.
    pub flavour: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// When it was last in touch with the panel.
    pub last_seen: Option<DateTime<Utc>>,
    /// Why it was not reached, and what to do about it.
    pub error: Option<String>,
}

/// A node like another one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateNode {
    /// What people call the new one.
    pub name: String,
}

/// What many servers of a node are to do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerServers {
    /// What they are to do.
    pub action: PowerAction,
    /// Which ones.
    pub servers: ServerSelector,
}

/// Which servers of a node are meant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerSelector {
    /// These.
    Uuids {
        /// Their identifiers.
        uuids: Vec<Uuid>,
    },
    /// All of the node.
    All,
}

/// How many servers it reached.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct AffectedServers {
    /// Number of servers whose node took it on.
    pub affected: i64,
}

/// What a daemon says of its machine and its servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeOverview {
    /// Version of the daemon.
    pub version: String,
    /// The machine's clock; for daemons that do not tell it, when they answered by the panel's.
    pub local_time: DateTime<Utc>,
    /// How the daemon runs.
    pub container_type: NodeContainer,
    /// The processor.
    pub cpu: NodeCpu,
    /// Memory.
    pub memory: NodeMemory,
    /// Servers the daemon knows.
    pub servers: NodeServerCounts,
    /// Processor architecture.
    pub architecture: String,
    /// Kernel.
    pub kernel_version: String,
}

/// How a daemon runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeContainer {
    /// In a container of the image that its makers publish.
    Official,
    /// In another container.
    Unknown,
    /// In none.
    None,
}

/// The configuration that a node's daemon runs with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeDaemonConfiguration {
    /// As the daemon writes it; `********` stands where something is secret.
    #[schema(value_type = Object)]
    pub config: Value,
}

/// Changes of the configuration of several daemons.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigureNodes {
    /// Whose.
    #[schema(min_items = 1, max_items = 1000)]
    pub node_uuids: Vec<Uuid>,
    /// What changes; what is absent stays.
    #[schema(value_type = Object)]
    pub config: Value,
}

/// Whether a daemon took a change.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodeConfigured {
    /// No, when it is told to ignore panels.
    pub applied: bool,
}

/// How many daemons took a change.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodesConfigured {
    /// Their number.
    pub applied: usize,
}

/// The log files of a node's daemon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeLogs {
    /// Oldest first.
    pub log_files: Vec<NodeLog>,
}

/// A log file of a daemon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeLog {
    /// Its name.
    pub name: String,
    /// How it is packed on the node; it is unpacked when it is read.
    pub compression_type: LogCompression,
    /// Bytes on the node.
    pub size: u64,
    /// When it was last written to.
    pub last_modified: DateTime<Utc>,
}

/// How a log is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of formats")]
pub enum LogCompression {
    None,
    Gz,
    Xz,
    Lzip,
    Bz2,
    Lz4,
    Zstd,
}

/// How much of a daemon's log is asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NodeLogQuery {
    /// The most lines, 1 to 10000; the last ones are given. Daemons before Calagopus 1 always give all of it.
    #[param(minimum = 1, maximum = 10_000)]
    pub lines: Option<u32>,
}

/// A machine's processor.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeCpu {
    /// Name of the first core.
    pub name: String,
    /// Brand.
    pub brand: String,
    /// Vendor.
    pub vendor_id: String,
    /// Frequency in MHz.
    pub frequency_mhz: u64,
    /// Logical processors.
    pub cpu_count: u64,
}

/// A machine's memory in bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodeMemory {
    /// All of it.
    pub total_bytes: u64,
    /// Free.
    pub free_bytes: u64,
    /// In use.
    pub used_bytes: u64,
    /// In use by the daemon; 0 from daemons that do not tell.
    pub used_bytes_process: u64,
}

/// How many servers a daemon knows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodeServerCounts {
    /// All.
    pub total: u64,
    /// Not offline.
    pub online: u64,
    /// Offline.
    pub offline: u64,
}

/// The load of a machine.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeStats {
    /// The figures.
    pub stats: NodeLoad,
}

/// The load of a machine, in bytes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeLoad {
    /// Processor.
    pub cpu: NodeCpuLoad,
    /// Network.
    pub network: NodeNetworkLoad,
    /// Memory.
    pub memory: NodeMemoryLoad,
    /// The disk of the servers' files.
    pub disk: NodeDiskLoad,
}

/// The load of a processor.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeCpuLoad {
    /// Percent of the whole machine.
    pub used: f64,
    /// Logical processors.
    pub threads: u64,
    /// Model.
    pub model: String,
}

/// The load of a machine's network. Daemons do not count packets for the panel: these are 0.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodeNetworkLoad {
    /// Bytes received since boot.
    pub received: u64,
    /// Bytes received per second.
    pub receiving_rate: f64,
    /// Packets received.
    pub received_packets: u64,
    /// Packets received per second.
    pub received_packets_rate: f64,
    /// Bytes sent since boot.
    pub sent: u64,
    /// Bytes sent per second.
    pub sending_rate: f64,
    /// Packets sent.
    pub sent_packets: u64,
    /// Packets sent per second.
    pub sending_packets_rate: f64,
}

/// The load of a machine's memory, in bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodeMemoryLoad {
    /// In use.
    pub used: u64,
    /// In use by the daemon; 0 from daemons that do not tell.
    pub used_process: u64,
    /// All of it.
    pub total: u64,
}

/// The load of a disk, in bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct NodeDiskLoad {
    /// In use.
    pub used: u64,
    /// Size.
    pub total: u64,
    /// Read since boot.
    pub read: u64,
    /// Read per second.
    pub reading_rate: f64,
    /// Written since boot.
    pub written: u64,
    /// Written per second.
    pub writing_rate: f64,
}
