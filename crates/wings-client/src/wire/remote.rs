//! What a daemon asks of the panel under `/api/remote`, and what it is answered.

mod backups;
mod reports;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::server::ServerState;

pub use backups::{
    BackupMigration, BackupPart, BackupReservation, BackupResult, BackupSelector, DeletionResult,
    KopiaCredentials, MoveBackup, PbsCredentials, ReserveBackup, ResticCredentials, RestoreOrder,
    RestoreResult, RestoreSelected, TransferResult, UploadParts,
};
pub use reports::{ChangeCommand, ChangeImage, ChangeVariable, ScheduleReport, ScheduleReports};

/// A server's whole configuration: answer of `GET /api/remote/servers/{server}`, an entry of the list that a booting daemon reads, and
/// what a sync may carry inline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerDocument {
    /// What the server is.
    pub settings: Settings,
    /// How its process is started, recognised as up, and stopped.
    pub process_configuration: ProcessConfiguration,
}

/// One entry of `GET /api/remote/servers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BootServer {
    /// The server.
    pub uuid: Uuid,
    /// Its configuration, beside the id.
    #[serde(flatten)]
    pub document: ServerDocument,
}

/// Answer of `GET /api/remote/servers?page=&per_page=`.
///
/// The Go daemons ask for page 0 first, which is page 1; numbers must be numbers. Calagopus refuses the whole page, and to boot, for one
/// malformed server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerPage {
    /// The servers of this page.
    pub data: Vec<BootServer>,
    /// Which page this is.
    pub meta: PageMeta,
}

/// Position of a [`ServerPage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageMeta {
    /// From 1.
    pub current_page: u64,
    /// 0 or 1 when there is nothing.
    pub last_page: u64,
    /// How many servers there are.
    pub total: u64,
    /// First position on this page, from 1.
    #[serde(default)]
    pub from: Option<u64>,
    /// Last position on this page.
    #[serde(default)]
    pub to: Option<u64>,
    /// Page size.
    #[serde(default)]
    pub per_page: Option<u64>,
}

/// What a server is. Written in full: Calagopus refuses a document without `mounts`, `oom_disabled`, `egg.id` or `meta.description`,
/// and Pelican one without a default allocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// A number for Pelican's disk quotas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The server.
    pub uuid: Uuid,
    /// Calagopus overwrites it from the create request.
    #[serde(default)]
    pub start_on_completion: Option<bool>,
    /// Name and description.
    pub meta: Meta,
    /// Whether it may run.
    pub suspended: bool,
    /// Startup command with its `{{VARIABLE}}` placeholders.
    pub invocation: String,
    /// Do not run the egg's install script.
    pub skip_egg_scripts: bool,
    /// Entrypoint of the container instead of the image's (Calagopus 1).
    #[serde(default)]
    pub entrypoint: Option<Vec<String>>,
    /// Variables, texts only: the Go daemons write numbers as `25565.000000`.
    pub environment: BTreeMap<String, String>,
    /// Labels of the container.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The server's backups on this node (Calagopus).
    #[serde(default)]
    pub backups: Vec<Uuid>,
    /// Schedules the node runs itself (Calagopus); empty when our worker runs them.
    #[serde(default)]
    pub schedules: Vec<serde_json::Value>,
    /// Addresses.
    pub allocations: Allocations,
    /// Limits.
    pub build: Build,
    /// Folders of the node to mount.
    #[serde(default)]
    pub mounts: Vec<Mount>,
    /// The egg.
    pub egg: Egg,
    /// The container.
    pub container: Container,
    /// Kill a server that does not stop (Calagopus).
    #[serde(default)]
    pub auto_kill: AutoKill,
    /// Whether to start with the daemon (Calagopus).
    #[serde(default)]
    pub auto_start_behavior: AutoStart,
}

/// Name and description in [`Settings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Name.
    pub name: String,
    /// Description; empty, never null.
    pub description: String,
}

/// An address and port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Address.
    pub ip: String,
    /// Port.
    pub port: u16,
}

/// Addresses in [`Settings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocations {
    /// Send from the default address too.
    pub force_outgoing_ip: bool,
    /// The primary one; Pelican fails on null, so `127.0.0.1:0` stands for none.
    pub default: Option<Allocation>,
    /// Ports by address.
    #[serde(default)]
    pub mappings: BTreeMap<String, Vec<u16>>,
}

/// Limits in [`Settings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// MiB (Pterodactyl reads MB); 0 is unlimited.
    pub memory_limit: i64,
    /// MiB on top of it (Calagopus 1).
    #[serde(default)]
    pub overhead_memory: i64,
    /// MiB; −1 is unlimited, 0 none.
    pub swap: i64,
    /// Weight 10–1000.
    #[serde(default)]
    pub io_weight: Option<u16>,
    /// Percent of a core; 0 is unlimited.
    pub cpu_limit: i64,
    /// Cores to use, such as `0,2-3`.
    #[serde(default)]
    pub threads: Option<String>,
    /// MiB; 0 is unlimited.
    pub disk_space: u64,
    /// Do not let the kernel kill it when out of memory (Pterodactyl, Calagopus).
    pub oom_disabled: bool,
    /// The opposite of `oom_disabled`, as Pelican reads it.
    #[serde(default)]
    pub oom_killer: bool,
}

/// A mounted folder in [`Settings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// On the node; must be one of its `allowed_mounts`.
    pub source: String,
    /// In the container.
    pub target: String,
    /// Without writing.
    pub read_only: bool,
}

/// The egg in [`Settings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Egg {
    /// The egg.
    pub id: Uuid,
    /// Patterns of files that users may not touch.
    #[serde(default)]
    pub file_denylist: Vec<String>,
    /// Console texts by feature (Pelican).
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
}

/// The container in [`Settings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Image; one that must not be pulled carries a `~` in front (Go) or behind (Calagopus).
    pub image: String,
    /// Run privileged (Calagopus before 1.0).
    #[serde(default)]
    pub privileged: bool,
    /// Time zone.
    #[serde(default)]
    pub timezone: Option<String>,
    /// Huge pages (Calagopus 1).
    #[serde(default)]
    pub hugepages_passthrough_enabled: bool,
    /// KVM (Calagopus 1).
    #[serde(default)]
    pub kvm_passthrough_enabled: bool,
    /// System call filter (Calagopus).
    #[serde(default)]
    pub seccomp: Seccomp,
}

/// System call filter of a [`Container`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seccomp {
    /// Calls to take off the list of allowed ones.
    #[serde(default)]
    pub remove_allowed: Vec<String>,
}

/// Killing a server that does not stop, in [`Settings`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoKill {
    /// Whether.
    #[serde(default)]
    pub enabled: bool,
    /// After how many seconds.
    #[serde(default)]
    pub seconds: u64,
}

/// Whether a server starts with its daemon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoStart {
    /// Always.
    Always,
    /// When it ran before.
    #[default]
    UnlessStopped,
    /// Never.
    Never,
}

/// How a server's process is handled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessConfiguration {
    /// When it counts as up.
    pub startup: Startup,
    /// How it is stopped.
    pub stop: Stop,
    /// Files to rewrite before each start.
    #[serde(default)]
    pub configs: Vec<ConfigurationFile>,
}

/// When a process counts as up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Startup {
    /// Up when a console line contains one of these; `regex:` starts an expression on the Go daemons, Calagopus before 1.0 knows none.
    #[serde(default)]
    pub done: Option<Vec<String>>,
    /// Unused by all; sent empty.
    #[serde(default)]
    pub user_interaction: Vec<String>,
    /// Take colours off before comparing.
    #[serde(default)]
    pub strip_ansi: bool,
}

/// How a process is stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// `command`, `signal`, or `stop` for the container's own stop.
    #[serde(rename = "type")]
    pub kind: String,
    /// The command, or the signal's name (`SIGINT`; `C` would kill on two of the flavours).
    #[serde(default)]
    pub value: Option<String>,
}

/// A file to rewrite before each start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationFile {
    /// Below the server's root.
    pub file: String,
    /// `file`, `yaml`, `properties`, `ini`, `json` or `xml`; any other word makes Calagopus before 1.0 refuse the document.
    pub parser: String,
    /// Make it when missing (Pelican).
    #[serde(default = "yes")]
    pub create_file: bool,
    /// Make it when missing (Calagopus).
    #[serde(default = "yes")]
    pub create_new: bool,
    /// What to replace.
    #[serde(default)]
    pub replace: Vec<Replacement>,
}

const fn yes() -> bool {
    true
}

/// One replacement in a [`ConfigurationFile`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replacement {
    /// Key path, or the start of a line for the parser `file`.
    #[serde(rename = "match")]
    pub matches: String,
    /// Only when the present value equals this. Left out when unused: null makes the Go daemons drop all rules of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_value: Option<String>,
    /// The new value, best as a text.
    #[serde(alias = "value")]
    pub replace_with: serde_json::Value,
    /// Add it when missing (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert_new: Option<bool>,
    /// Change it when present (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_existing: Option<bool>,
}

/// Answer of `GET /api/remote/servers/{server}/install`, and inline in a reinstall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstallationScript {
    /// Image the script runs in.
    pub container_image: String,
    /// The program that is given the script.
    pub entrypoint: String,
    /// The script; null and empty both mean there is none.
    pub script: Option<String>,
    /// Further variables for the installer (Calagopus).
    #[serde(default)]
    pub environment: BTreeMap<String, serde_json::Value>,
}

/// Body of `POST /api/remote/servers/{server}/install`. No flavour looks at the script's exit code, so success does not prove much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallResult {
    /// Whether it came to its end.
    pub successful: bool,
    /// Whether it was a reinstall.
    pub reinstall: bool,
}

/// Body of `POST /api/remote/servers/{server}/container/status` (Pelican).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateReport {
    /// The change.
    pub data: StateChange,
}

/// The change in a [`StateReport`]; both may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// Before.
    pub previous_state: ServerState,
    /// Now.
    pub new_state: ServerState,
}

/// Body of `POST /api/remote/activity`. Answer 2xx and skip bad rows: the Go daemons send a refused batch again for ever.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ActivityBatch {
    /// The rows that can be read; others are left out.
    #[serde(default, deserialize_with = "readable")]
    pub data: Vec<Activity>,
}

/// The entries of a list that are what they should be. A list that is missing or null has none.
fn readable<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let entries = Option::<Vec<serde_json::Value>>::deserialize(deserializer)?;
    Ok(entries
        .into_iter()
        .flatten()
        .filter_map(|entry| T::deserialize(entry).ok())
        .collect())
}

/// One row of an [`ActivityBatch`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Who; nobody for what the system did.
    #[serde(default)]
    pub user: Option<Uuid>,
    /// Where.
    pub server: Uuid,
    /// By which schedule (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Uuid>,
    /// What, such as `server:power.start`.
    pub event: String,
    /// Details; an object or null.
    #[serde(default)]
    pub metadata: serde_json::Value,
    /// From which address.
    #[serde(default)]
    pub ip: Option<String>,
    /// When.
    pub timestamp: DateTime<Utc>,
}

/// How somebody signs in by SFTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SftpMethod {
    /// With a password.
    Password,
    /// With a key; `password` then carries a line as in `authorized_keys`.
    PublicKey,
}

/// Body of `POST /api/remote/sftp/auth`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SftpAuth {
    /// How.
    #[serde(rename = "type")]
    pub method: SftpMethod,
    /// `<user>.<first 8 hex digits of the server's id>`; the user's name may contain dots.
    pub username: String,
    /// The password or key line.
    pub password: String,
    /// `host:port` of the client (Go daemons).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Base64 (Go daemons).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Base64 (Go daemons).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
}

impl std::fmt::Debug for SftpAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SftpAuth")
            .field("method", &self.method)
            .field("username", &self.username)
            .field("password", &"…")
            .field("ip", &self.ip)
            .finish_non_exhaustive()
    }
}

/// Answer 200 to [`SftpAuth`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SftpGrant {
    /// Who.
    pub user: Uuid,
    /// Where.
    pub server: Uuid,
    /// What; Calagopus refuses the sign-in without `file.sftp` or `*`.
    pub permissions: Vec<String>,
    /// Patterns of files this user may not see (Calagopus).
    #[serde(default)]
    pub ignored_files: Vec<String>,
}

/// Body of an error of the remote API, in the form the Go daemons parse: all members are texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteErrors {
    /// The errors, one in practice.
    pub errors: Vec<RemoteError>,
}

/// One error in [`RemoteErrors`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteError {
    /// Stable word for it.
    pub code: String,
    /// HTTP status as a text.
    pub status: String,
    /// For people.
    pub detail: String,
}
