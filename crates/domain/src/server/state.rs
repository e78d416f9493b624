//! The states of a server, how they follow each other, and what each allows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is going on with a server's files. A server without one of these is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerStatus {
    /// Being installed. Ends by the node's report, or at the operation's deadline.
    Installing,
    /// The installation failed; somebody has to say so or try again.
    InstallFailed,
    /// A backup is being restored. Ends by the node's report, or at the operation's deadline.
    RestoringBackup,
    /// Restoring failed; the files may be half of each.
    BackupRestoreFailed,
}

impl ServerStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Installing,
        Self::InstallFailed,
        Self::RestoringBackup,
        Self::BackupRestoreFailed,
    ];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Installing => "installing",
            Self::InstallFailed => "install_failed",
            Self::RestoringBackup => "restoring_backup",
            Self::BackupRestoreFailed => "backup_restore_failed",
        }
    }
}

impl fmt::Display for ServerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no [`ServerStatus`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be installing, install_failed, restoring_backup or backup_restore_failed")]
pub struct UnknownStatus;

impl FromStr for ServerStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

/// Something that moves a server from one status to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// An installation is asked for.
    InstallStarted,
    /// The node says that it installed the server.
    InstallSucceeded,
    /// The node says that it could not, or the deadline passed.
    InstallFailed,
    /// Restoring a backup is asked for.
    RestoreStarted,
    /// The node says that it restored the backup.
    RestoreSucceeded,
    /// The node says that it could not, or the deadline passed.
    RestoreFailed,
    /// A person has seen that something failed and wants to go on.
    Acknowledged,
    /// An administrator clears the state, whatever it is.
    Cleared,
}

impl Report {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::InstallStarted,
        Self::InstallSucceeded,
        Self::InstallFailed,
        Self::RestoreStarted,
        Self::RestoreSucceeded,
        Self::RestoreFailed,
        Self::Acknowledged,
        Self::Cleared,
    ];
}

/// What a [`Report`] does to a server's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The status becomes this (`None`: ready); to be written as `UPDATE .. WHERE status = <the old one>`.
    To(Option<ServerStatus>),
    /// Nothing: the report came twice, late or out of order. It is answered as a success.
    Stay,
    /// It is not allowed now.
    Refused,
}

impl Step {
    /// What `report` does to a server of this status.
    ///
    /// Nodes report late, twice and out of order and name no operation, so their reports are never refused. A
    /// success that comes after the deadline has made the server failed counts: the node knows better.
    #[must_use]
    pub const fn after(status: Option<ServerStatus>, report: Report) -> Self {
        use Report as R;
        use ServerStatus as S;
        match (status, report) {
            (None, R::InstallStarted)
            | (Some(S::InstallFailed | S::BackupRestoreFailed), R::InstallStarted) => {
                Self::To(Some(S::Installing))
            }
            (None, R::RestoreStarted) | (Some(S::BackupRestoreFailed), R::RestoreStarted) => {
                Self::To(Some(S::RestoringBackup))
            }
            (Some(S::Installing), R::InstallFailed) => Self::To(Some(S::InstallFailed)),
            (Some(S::RestoringBackup), R::RestoreFailed) => Self::To(Some(S::BackupRestoreFailed)),
            (Some(S::Installing | S::InstallFailed), R::InstallSucceeded)
            | (Some(S::RestoringBackup | S::BackupRestoreFailed), R::RestoreSucceeded)
            | (Some(S::InstallFailed | S::BackupRestoreFailed), R::Acknowledged)
            | (Some(_), R::Cleared) => Self::To(None),
            (
                Some(S::Installing | S::RestoringBackup),
                R::InstallStarted | R::RestoreStarted | R::Acknowledged,
            )
            | (Some(S::InstallFailed), R::RestoreStarted) => Self::Refused,
            (None, R::Acknowledged | R::Cleared)
            | (
                _,
                R::InstallSucceeded | R::InstallFailed | R::RestoreSucceeded | R::RestoreFailed,
            ) => Self::Stay,
        }
    }
}

/// Everything about a server that decides what can be done with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// What is going on with its files; `None` is ready.
    pub status: Option<ServerStatus>,
    /// An administrator has suspended it.
    pub suspended: bool,
    /// It is on its way to another node.
    pub transferring: bool,
    /// Deletion was asked for and cannot be taken back.
    pub deleting: bool,
    /// Its node is in maintenance.
    pub node_maintenance: bool,
}

/// What somebody wants to do with a server, as far as states make a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerAction {
    /// See it.
    View,
    /// Open the websocket (which also shows how an installation goes).
    Connect,
    /// Anything that users do with a server that is not named here: power, commands, files, backups, settings, SFTP.
    Use,
    /// Install it again.
    Reinstall,
    /// Stop a running installation.
    CancelInstall,
    /// Go on after a failed installation.
    AcknowledgeInstall,
    /// Restore a backup.
    Restore,
    /// Go on after a failed restore.
    AcknowledgeRestore,
    /// Change what administrators set.
    Edit,
    /// Suspend it, or take that back.
    Suspend,
    /// Move it to another node.
    Transfer,
    /// Stop moving it.
    CancelTransfer,
    /// Clear its state; always works.
    ClearState,
    /// Delete it; asking again is fine.
    Delete,
}

impl ServerAction {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::View,
        Self::Connect,
        Self::Use,
        Self::Reinstall,
        Self::CancelInstall,
        Self::AcknowledgeInstall,
        Self::Restore,
        Self::AcknowledgeRestore,
        Self::Edit,
        Self::Suspend,
        Self::Transfer,
        Self::CancelTransfer,
        Self::ClearState,
        Self::Delete,
    ];
}

/// Why something cannot be done with a server now (409).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Being deleted.
    #[error("the server is being deleted")]
    Deleting,
    /// Suspended.
    #[error("the server is suspended; an administrator can lift that")]
    Suspended,
    /// Being moved.
    #[error("the server is being moved to another node; try again when that has ended")]
    Transferring,
    /// Being installed.
    #[error("the server is being installed; try again when that has ended")]
    Installing,
    /// The installation failed.
    #[error("the server's installation failed; reinstall it, or confirm that you want to go on")]
    InstallFailed,
    /// Being restored.
    #[error("a backup of the server is being restored; try again when that has ended")]
    RestoringBackup,
    /// Restoring failed.
    #[error("restoring a backup failed; restore another one, or confirm that you want to go on")]
    BackupRestoreFailed,
    /// The node is in maintenance.
    #[error("the server's node is in maintenance; try again later")]
    NodeMaintenance,
    /// There is no installation to cancel.
    #[error("the server is not being installed")]
    NotInstalling,
    /// There is no transfer to cancel.
    #[error("the server is not being moved")]
    NotTransferring,
    /// There is nothing to go on after.
    #[error("nothing failed that could be confirmed")]
    NothingFailed,
}

impl Conflict {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Deleting => "server_deleting",
            Self::Suspended => "server_suspended",
            Self::Transferring => "server_transferring",
            Self::Installing => "server_installing",
            Self::InstallFailed => "server_install_failed",
            Self::RestoringBackup => "server_restoring_backup",
            Self::BackupRestoreFailed => "server_backup_restore_failed",
            Self::NodeMaintenance => "node_in_maintenance",
            Self::NotInstalling => "server_not_installing",
            Self::NotTransferring => "server_not_transferring",
            Self::NothingFailed => "server_nothing_failed",
        }
    }
}

impl From<ServerStatus> for Conflict {
    fn from(status: ServerStatus) -> Self {
        match status {
            ServerStatus::Installing => Self::Installing,
            ServerStatus::InstallFailed => Self::InstallFailed,
            ServerStatus::RestoringBackup => Self::RestoringBackup,
            ServerStatus::BackupRestoreFailed => Self::BackupRestoreFailed,
        }
    }
}

impl ServerState {
    /// Whether `action` is possible now. For administrators suspension and the node's maintenance are no obstacle. Reinstalling
    /// is also a way out of both failures, restoring out of its own.
    ///
    /// # Errors
    /// What is in the way.
    pub fn allows(&self, action: ServerAction, admin: bool) -> Result<(), Conflict> {
        use ServerAction as A;
        use ServerStatus as S;
        if self.deleting && !matches!(action, A::View | A::Delete) {
            return Err(Conflict::Deleting);
        }
        match action {
            A::View | A::Connect | A::Edit | A::ClearState => Ok(()),
            A::Delete | A::Suspend => self.not_transferring(),
            A::CancelInstall => when(self.status == Some(S::Installing), Conflict::NotInstalling),
            A::AcknowledgeInstall => {
                self.usable(admin)?;
                when(
                    self.status == Some(S::InstallFailed),
                    Conflict::NothingFailed,
                )
            }
            A::AcknowledgeRestore => {
                self.usable(admin)?;
                when(
                    self.status == Some(S::BackupRestoreFailed),
                    Conflict::NothingFailed,
                )
            }
            A::CancelTransfer => when(self.transferring, Conflict::NotTransferring),
            A::Use | A::Transfer => {
                self.usable(admin)?;
                self.status.map_or(Ok(()), |status| Err(status.into()))
            }
            A::Restore => {
                self.usable(admin)?;
                match self.status {
                    None | Some(S::BackupRestoreFailed) => Ok(()),
                    Some(status) => Err(status.into()),
                }
            }
            A::Reinstall => {
                self.usable(admin)?;
                match self.status {
                    None | Some(S::InstallFailed | S::BackupRestoreFailed) => Ok(()),
                    Some(status) => Err(status.into()),
                }
            }
        }
    }

    fn usable(&self, admin: bool) -> Result<(), Conflict> {
        self.not_transferring()?;
        when(!self.suspended || admin, Conflict::Suspended)?;
        when(!self.node_maintenance || admin, Conflict::NodeMaintenance)
    }

    const fn not_transferring(&self) -> Result<(), Conflict> {
        when(!self.transferring, Conflict::Transferring)
    }
}

const fn when(ok: bool, conflict: Conflict) -> Result<(), Conflict> {
    if ok { Ok(()) } else { Err(conflict) }
}

#[cfg(test)]
mod tests;
