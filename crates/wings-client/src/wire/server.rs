//! A server as a daemon sees it: state, load, power, console, installation, and who is let in.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::remote::{InstallationScript, ServerDocument};

/// State of a server's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerState {
    /// No process.
    Offline,
    /// A process that has not yet printed one of its egg's `done` texts.
    Starting,
    /// Up.
    Running,
    /// Told to stop, still there.
    Stopping,
}

impl ServerState {
    /// The state's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
        }
    }
}

impl fmt::Display for ServerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can be done to a server's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PowerAction {
    /// Start it.
    Start,
    /// Ask it to stop.
    Stop,
    /// Stop, then start.
    Restart,
    /// End it at once.
    Kill,
}

impl PowerAction {
    /// The action's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Kill => "kill",
        }
    }

    /// The permission a websocket token must hold for it; a kill needs the one of a stop.
    #[must_use]
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Start => "control.start",
            Self::Stop | Self::Kill => "control.stop",
            Self::Restart => "control.restart",
        }
    }
}

impl fmt::Display for PowerAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Bytes over the network since the container started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkUsage {
    /// Received.
    pub rx_bytes: u64,
    /// Sent.
    pub tx_bytes: u64,
    /// Packets received (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rx_packets: Option<u64>,
    /// Packets sent (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_packets: Option<u64>,
}

/// Bytes between a container and its disk since it started (Pelican).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskUsage {
    /// Read.
    pub read_bytes: u64,
    /// Written.
    pub write_bytes: u64,
}

/// Load of one server: in `GET /api/servers[/{server}]` and, as JSON inside a string, in the websocket's `stats`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Utilization {
    /// Memory in use, bytes.
    pub memory_bytes: u64,
    /// The container's memory limit with overhead, bytes; 0 or the machine's memory when there is none.
    pub memory_limit_bytes: u64,
    /// Bytes in the server's data directory. The Go daemons can report −1 before their first count.
    pub disk_bytes: i64,
    /// State of the process.
    pub state: ServerState,
    /// Network totals.
    pub network: NetworkUsage,
    /// Disk totals (Pelican).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_io: Option<DiskUsage>,
    /// Processor in percent; 100 is one full core.
    pub cpu_absolute: f64,
    /// Its limit in percent (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit_absolute: Option<u32>,
    /// Milliseconds since start.
    pub uptime: i64,
}

/// One server in the answers of `GET /api/servers` and `GET /api/servers/{server}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// State of the process.
    pub state: ServerState,
    /// Whether the daemon holds it as suspended.
    pub is_suspended: bool,
    /// Its load.
    pub utilization: Utilization,
    /// The settings the daemon works from; only [`Server::uuid`] is read from it, its other fields vary by flavour and age.
    pub configuration: serde_json::Value,
}

impl Server {
    /// The server's id, or nothing when the daemon sent none that is a UUID.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        Uuid::try_parse(self.configuration.get("uuid")?.as_str()?).ok()
    }
}

/// Body of `POST /api/servers`. The daemon asks the panel for the rest while it answers, so the row must be committed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateServer {
    /// The server; the Go daemons accept version 4 only.
    pub uuid: Uuid,
    /// Start it when its installation succeeded.
    #[serde(default)]
    pub start_on_completion: bool,
    /// Do not run the egg's install script (Calagopus; the Go daemons ignore it and go by `skip_egg_scripts`).
    #[serde(default)]
    pub skip_scripts: bool,
}

/// Body of `POST /api/servers/{server}/reinstall`; only Calagopus reads one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reinstall {
    /// Delete all files first.
    #[serde(default)]
    pub truncate_directory: bool,
    /// The script to run; without one the daemon asks the panel.
    #[serde(default)]
    pub installation_script: Option<InstallationScript>,
}

/// Body of `POST /api/servers/{server}/sync`; only Calagopus reads one. Without it the daemon asks the panel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sync {
    /// The configuration to use from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Box<ServerDocument>>,
}

/// Body of `POST /api/servers/{server}/power`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Power {
    /// What to do.
    pub action: PowerAction,
    /// Seconds to wait for a power action already under way; the Go daemons take 0–300 and make 30 of anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
}

/// Body of `POST /api/servers/{server}/commands`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commands {
    /// Lines to write to the process, without line ends.
    pub commands: Vec<String>,
}

/// Answer of `GET /api/servers/{server}/logs` on the Go daemons; Calagopus answers plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLines {
    /// Lines, oldest first; `null` when there are none.
    #[serde(default)]
    pub data: Option<Vec<String>>,
}

/// Answer of `GET /api/servers/{server}/install-logs` on Pelican.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallLog {
    /// The whole text.
    pub data: String,
}

/// Body of `POST /api/servers/{server}/ws/deny`: refuse tokens with these ids that were issued before now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenyTokens {
    /// `jti` claims.
    pub jtis: Vec<String>,
}

/// Body of `POST /api/deauthorize-user` (Pelican, Calagopus). An empty server list means all of the node; Pelican then closes the sockets
/// of every user, so the client never sends one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeauthorizeUser {
    /// Whom.
    pub user: Uuid,
    /// Where.
    pub servers: Vec<Uuid>,
}

/// Body of `POST /api/servers/{server}/ws/permissions` (Calagopus).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPermissions {
    /// One entry for each user that changed.
    pub user_permissions: Vec<UserPermissions>,
}

/// One user's rights in [`SetPermissions`]; without any permission the user's sockets are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPermissions {
    /// Whose.
    pub user: Uuid,
    /// Which, as the websocket token names them.
    pub permissions: Vec<String>,
    /// Patterns of files this user may not see.
    #[serde(default)]
    pub ignored_files: Vec<String>,
}

/// Body of `POST /api/servers/power` (Calagopus 1): one action for many servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PowerMany {
    /// Which.
    pub servers: ServerSelection,
    /// What to do.
    pub action: PowerAction,
    /// Seconds to wait for a power action already under way.
    #[serde(default)]
    pub wait_seconds: Option<u64>,
}

/// Which servers of a node are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerSelection {
    /// Every one.
    All,
    /// Those.
    Uuids {
        /// Their ids.
        uuids: Vec<Uuid>,
    },
}

/// Answer 202 to [`PowerMany`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// How many servers it reached.
    pub affected: u64,
}

/// Answer of `GET /api/servers/{server}/utilization` (Calagopus 1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UtilizationAnswer {
    /// The figures.
    pub utilization: Utilization,
}

/// Answer of `POST /api/servers/{server}/script` on Calagopus before 1.0; newer ones stream the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptOutput {
    /// What the script printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

/// Answer of `GET /api/servers/{server}/version?game=` (Calagopus).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionHash {
    /// SHA-256 of the server's program, lower-case hex.
    pub hash: String,
}

/// Body of `POST /api/servers/{server}/ws/broadcast` (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// To the sockets of these users; of all when empty.
    pub users: Vec<Uuid>,
    /// That hold all of these permissions.
    pub permissions: Vec<String>,
    /// What they are told.
    pub message: super::websocket::Message,
}
