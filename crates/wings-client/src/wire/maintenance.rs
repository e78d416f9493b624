//! Looking after a Calagopus daemon: its logs, its version, its backup repository, its ports.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Answer of `GET /api/system/logs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFiles {
    /// Oldest first.
    pub log_files: Vec<LogFile>,
}

/// One of the daemon's own log files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFile {
    /// Its name, for `GET /api/system/logs/{file}`.
    pub name: String,
    /// Bytes on the disk.
    pub size: u64,
    /// When it was last written to.
    pub last_modified: DateTime<FixedOffset>,
    /// How it is packed (Calagopus 1); it is unpacked when read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression_type: Option<String>,
}

/// Body of `POST /api/system/upgrade`. All fields are required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upgrade {
    /// Where the new program is.
    pub url: String,
    /// Headers to fetch it with.
    pub headers: BTreeMap<String, String>,
    /// Its SHA-256 in lower-case hex; another content is refused with 409.
    pub sha256: String,
    /// What starts the daemon again.
    pub restart_command: String,
    /// Arguments of that.
    pub restart_command_args: Vec<String>,
}

/// Answer 202 of an upgrade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeStarted {
    /// False when the node is told to ignore upgrades; daemons before 1.0 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<bool>,
}

/// A restic repository.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResticConfiguration {
    /// Where it is.
    pub repository: String,
    /// A file on the node with its password.
    #[serde(default)]
    pub password_file: Option<String>,
    /// How long to wait for a lock.
    pub retry_lock_seconds: u64,
    /// Credentials and password.
    pub environment: BTreeMap<String, String>,
}

impl std::fmt::Debug for ResticConfiguration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResticConfiguration")
            .field("repository", &self.repository)
            .field("environment", &"…")
            .finish_non_exhaustive()
    }
}

/// What can be done to a restic repository: `/api/system/restic/{prune|stats|unlock}` (Calagopus 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResticTask {
    /// Free what no backup needs.
    Prune,
    /// Count.
    Stats,
    /// Take locks off that nobody holds any more.
    Unlock,
}

impl ResticTask {
    /// The last part of its path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prune => "prune",
            Self::Stats => "stats",
            Self::Unlock => "unlock",
        }
    }
}

/// Body of `POST /api/system/restic/..`; each task reads its own of the last three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResticOrder {
    /// Which repository; the node's own when left out.
    pub configuration: Option<ResticConfiguration>,
    /// Whether to answer only when done.
    pub foreground: bool,
    /// Prune: only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// Stats: what is counted.
    #[serde(default)]
    pub mode: Option<String>,
    /// Unlock: also take off the locks of others.
    #[serde(default)]
    pub remove_all: bool,
}

/// Answer 200 of a restic task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskAnswer {
    /// How it went.
    pub result: TaskResult,
}

/// How a task went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskResult {
    /// Begin.
    pub started: DateTime<FixedOffset>,
    /// End.
    pub finished: DateTime<FixedOffset>,
    /// Milliseconds between the two.
    pub duration_ms: u64,
    /// Whether it did what it should.
    pub successful: bool,
    /// What the program printed, parsed where it is JSON.
    #[serde(default)]
    pub data: serde_json::Value,
    /// What it complained about.
    pub stderr: String,
}

/// Answer of `GET /api/ports/used` (Calagopus 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedPorts {
    /// By address.
    pub used: BTreeMap<String, Vec<UsedPort>>,
}

/// A port something listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedPort {
    /// Its number.
    pub port: u32,
    /// The server that has it, if it is one's.
    #[serde(default)]
    pub server: Option<Uuid>,
}
