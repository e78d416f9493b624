//! What was really done, in order, for tests that ask whether something happened once, twice or never.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that was done on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A server was created.
    Created,
    /// A server was deleted.
    Deleted,
    /// A server took its present configuration.
    Synced,
    /// An installation began.
    InstallStarted,
    /// A reinstallation began.
    ReinstallStarted,
    /// An installation or reinstallation that the daemon's end had cut short began anew, by the daemon itself.
    InstallResumed,
    /// An installation came to its end.
    InstallFinished,
    /// An installation failed.
    InstallFailed,
    /// A process was started.
    PowerStart,
    /// A process was told to stop.
    PowerStop,
    /// A process was told to restart.
    PowerRestart,
    /// A process was killed.
    PowerKill,
    /// A process ended by itself.
    Crashed,
    /// A line was written to a process.
    Command,
    /// A file was written or copied.
    FileWritten,
    /// Files were deleted.
    FilesDeleted,
    /// Files were moved.
    FilesRenamed,
    /// A directory was made.
    DirectoryCreated,
    /// Files were packed or unpacked.
    FilesPacked,
    /// A file was fetched from the network.
    FilePulled,
    /// A script was run.
    ScriptRun,
    /// A schedule was run.
    ScheduleTriggered,
    /// A run of a schedule was ended.
    ScheduleAborted,
    /// The server is being sent to another node.
    TransferStarted,
    /// The server arrived from another node.
    TransferArrived,
    /// A transfer failed or was cancelled.
    TransferEnded,
    /// The node took a new credential.
    TokenChanged,
    /// A backup was made.
    BackupCreated,
    /// A backup was restored.
    BackupRestored,
    /// A backup was deleted.
    BackupDeleted,
    /// Tokens were denied.
    TokensDenied,
    /// A user was shut out.
    UserDeauthorized,
}

/// One effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Position, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// On which server.
    pub server: Uuid,
    /// What.
    pub effect: Effect,
    /// The command, the path, the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
