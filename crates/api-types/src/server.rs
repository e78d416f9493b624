//! Servers, as their users see them, and what they have in common for administrators.

mod admin;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use panel_domain::node::NodeFeature;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::allocation::ServerAllocation;
use crate::egg::Egg;
use crate::page::Page;

pub use admin::{
    AdminLimits, AdminServer, AdminServerBody, AdminServers, CreateServer, DeleteServer,
    DeployServer, Deployment, UpdateServer,
};

/// A server as its users see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Server {
    /// Identifier.
    pub uuid: Uuid,
    /// The first 8 digits of the identifier.
    pub uuid_short: String,
    /// Where the server listens by default.
    pub allocation: Option<ServerAllocation>,
    /// The egg it is made from.
    pub egg: Egg,
    /// What the egg's configurations add.
    pub egg_configuration: EggConfiguration,
    /// What the server is busy with; null when it is ready.
    pub status: Option<ServerStatus>,
    /// Whether the one who asks owns it.
    pub is_owner: bool,
    /// Whether the server is suspended.
    pub is_suspended: bool,
    /// Whether the server is being moved to another node.
    pub is_transferring: bool,
    /// What the one who asks may do with it; `*` for everything.
    pub permissions: Vec<String>,
    /// The location.
    pub location_uuid: Uuid,
    /// Name of the location.
    pub location_name: String,
    /// Country code of the location.
    pub location_flag: Option<String>,
    /// The node.
    pub node_uuid: Uuid,
    /// Name of the node.
    pub node_name: String,
    /// Whether the node is under maintenance.
    pub node_maintenance_enabled: bool,
    /// Host for SFTP.
    pub sftp_host: String,
    /// Port for SFTP.
    pub sftp_port: u16,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// What the container may use.
    pub limits: Limits,
    /// How many of each thing the owner may make.
    pub feature_limits: FeatureLimits,
    /// Command that starts the server, with placeholders.
    pub startup: String,
    /// Container image.
    pub image: String,
    /// Whether and when a server that does not stop is killed.
    pub auto_kill: AutoKill,
    /// Whether the server starts together with its node.
    pub auto_start_behavior: AutoStartBehavior,
    /// IANA time zone of the container; the node's when null.
    pub timezone: Option<String>,
    /// What its process was doing when the node last said so.
    pub power_state: Option<PowerState>,
    /// When the node last said so.
    pub power_state_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// What a server is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerStatus {
    /// It is being installed.
    Installing,
    /// Its installation failed.
    InstallFailed,
    /// A backup is being restored.
    RestoringBackup,
    /// A backup could not be restored.
    BackupRestoreFailed,
}

/// Whether a server starts together with its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AutoStartBehavior {
    /// Always.
    Always,
    /// When it ran before.
    UnlessStopped,
    /// Never.
    Never,
}

/// What a server's process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PowerState {
    /// It does not run.
    Offline,
    /// It starts.
    Starting,
    /// It stops.
    Stopping,
    /// It runs.
    Running,
}

/// What a server's process is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PowerAction {
    /// Start.
    Start,
    /// Stop in the way its egg says.
    Stop,
    /// Stop, then start.
    Restart,
    /// End at once; data may be lost.
    Kill,
}

/// Whether and when a server that does not stop is killed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AutoKill {
    /// Whether it is killed.
    pub enabled: bool,
    /// After so many seconds.
    pub seconds: i64,
}

/// What a server's container may use.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// CPU in percent of a core; no limit when 0.
    pub cpu: i32,
    /// Memory in MiB; no limit when 0.
    pub memory: i64,
    /// Swap in MiB; no limit when -1.
    pub swap: i64,
    /// Disk in MiB; no limit when 0.
    pub disk: i64,
}

/// How many of each thing the owner of a server may make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeatureLimits {
    /// Allocations.
    pub allocations: i32,
    /// Databases.
    pub databases: i32,
    /// Backups.
    pub backups: i32,
    /// Schedules.
    pub schedules: i32,
}

/// What an egg's configurations add to its servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggConfiguration {
    /// Which allocations the owner may take.
    pub config_allocations: Option<Value>,
    /// Whether the owner may write a startup command.
    pub config_startup: Option<Value>,
    /// Order of the pages of a server.
    pub config_routes: Option<Value>,
}

/// One server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerBody {
    /// The server.
    pub server: Server,
    /// What its node's daemon can do beyond what every daemon can, by what it last said of itself.
    pub node_features: Vec<NodeFeature>,
}

/// A page of servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Servers {
    /// The servers.
    pub servers: Page<Server>,
}

/// A variable of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerVariable {
    /// What people call it.
    pub name: String,
    /// The name by language code.
    pub name_translations: IndexMap<String, String>,
    /// Free text about it.
    pub description: Option<String>,
    /// The description by language code.
    pub description_translations: IndexMap<String, String>,
    /// Name of the environment variable.
    pub env_variable: String,
    /// Value of servers that set none.
    pub default_value: Option<String>,
    /// The value in force.
    pub value: String,
    /// Whether the one who asks may change it.
    pub is_editable: bool,
    /// Whether its value is hidden.
    pub is_secret: bool,
    /// What a value must satisfy, one rule each, such as `required` or `max:20`.
    pub rules: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// The variables of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerVariables {
    /// The variables, by environment name.
    pub variables: Vec<ServerVariable>,
}

/// A value for a variable.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariableValue {
    #[schema(min_length = 1, max_length = 255)]
    /// Name of the environment variable.
    pub env_variable: String,
    #[schema(max_length = 4096)]
    /// The value.
    pub value: String,
}

/// New values of variables; those that are not named stay.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetServerVariables {
    /// The variables, by environment name.
    pub variables: Vec<VariableValue>,
}

/// A power action.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// The action.
    pub action: PowerAction,
}

/// A command for the console.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The command, without a line break.
    pub command: String,
}

/// Where and with what a browser reads a server's console.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsoleAccess {
    /// Signed token to send first; valid for ten minutes.
    pub token: String,
    /// Address of the websocket.
    #[schema(format = "uri")]
    pub url: String,
}

/// What a server uses now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResourceUsage {
    /// CPU in percent of a core.
    pub cpu_absolute: f64,
    /// The limit; none when 0.
    pub cpu_limit_absolute: i32,
    /// Memory in bytes.
    pub memory_bytes: i64,
    /// The limit in bytes; none when 0.
    pub memory_limit_bytes: i64,
    /// Disk in bytes.
    pub disk_bytes: i64,
    /// What its process does.
    pub state: PowerState,
    /// Traffic since the start.
    pub network: NetworkUsage,
    /// Milliseconds since the start.
    pub uptime: i64,
}

/// A server's traffic since its start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NetworkUsage {
    /// Bytes received.
    pub rx_bytes: i64,
    /// Packets received.
    pub rx_packets: i64,
    /// Bytes sent.
    pub tx_bytes: i64,
    /// Packets sent.
    pub tx_packets: i64,
}

/// What a server uses now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Resources {
    /// The usage.
    pub resources: ResourceUsage,
}

/// What the servers of a node use now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeResources {
    /// The usage by server.
    pub resources: IndexMap<Uuid, ResourceUsage>,
}

/// A new name or description; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rename {
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
}

/// How a server is installed again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reinstall {
    /// Whether its files are deleted first.
    pub truncate_directory: bool,
}

/// The time zone of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTimezone {
    /// IANA time zone of the container; the node's when null.
    pub timezone: Option<String>,
}

/// Whether a server starts together with its node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAutoStart {
    /// When it starts.
    pub behavior: AutoStartBehavior,
}

/// Whether and when a server that does not stop is killed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAutoKill {
    /// Whether it is killed.
    pub enabled: bool,
    /// After so many seconds; as before when absent.
    pub seconds: Option<i64>,
}

/// The command that starts a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStartup {
    /// One of the egg's commands.
    pub command: String,
}

/// The container image of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetImage {
    /// One of the egg's images.
    pub image: String,
}

/// Which servers a list of one's own shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServersQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of a name, or the beginning of an identifier.
    pub search: Option<String>,
    /// Whether to list the servers of other people instead, for who sees them.
    #[serde(default)]
    pub other: bool,
}

/// How much of a log is asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinesQuery {
    /// The most lines, 1 to 1000; the last ones are given.
    #[serde(default = "LinesQuery::some")]
    #[param(minimum = 1, maximum = 1000)]
    pub lines: u32,
}

impl LinesQuery {
    const fn some() -> u32 {
        100
    }
}
