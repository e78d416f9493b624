//! Names of what the logs record.
//!
//! A name is `area:verb` or `area:thing.verb`. Those of the panel are an enum; a daemon may report names of its own, in the
//! area `server`.

use std::fmt;

/// In which of the three logs an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// What administrators did.
    Admin,
    /// What somebody did with their own account.
    User,
    /// What was done on a server.
    Server,
}

impl Log {
    /// Its name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! events {
    ($($log:ident { $($variant:ident = $name:literal,)+ })+) => {
        /// What happened. The documentation of each is the name that is stored and sent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Event {
            $($(
                #[doc = concat!("`", $name, "`")]
                $variant,
            )+)+
        }

        impl Event {
            /// All of them.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// The name that is stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$variant => $name,)+)+
                }
            }

            /// The log it belongs to.
            #[must_use]
            pub const fn log(self) -> Log {
                match self {
                    $($(Self::$variant)|+ => Log::$log,)+
                }
            }
        }
    };
}

events! {
    User {
        AuthSuccess = "auth:success",
        AuthFail = "auth:fail",
        AuthCheckpoint = "auth:checkpoint",
        AuthLogout = "auth:logout",
        AuthSftpFail = "auth:sftp.fail",
        AccountCreate = "user:account.create",
        AccountUpdate = "user:account.update",
        AccountEmailChange = "user:account.email-changed",
        AccountPasswordChange = "user:account.password-changed",
        TwoFactorCreate = "user:two-factor.create",
        TwoFactorDelete = "user:two-factor.delete",
        ApiKeyCreate = "user:api-key.create",
        ApiKeyUpdate = "user:api-key.update",
        ApiKeyRecreate = "user:api-key.recreate",
        ApiKeyDelete = "user:api-key.delete",
        SshKeyCreate = "user:ssh-key.create",
        SshKeyUpdate = "user:ssh-key.update",
        SshKeyDelete = "user:ssh-key.delete",
        CommandSnippetCreate = "user:command-snippet.create",
        CommandSnippetUpdate = "user:command-snippet.update",
        CommandSnippetDelete = "user:command-snippet.delete",
        ServerGroupCreate = "user:server-group.create",
        ServerGroupUpdate = "user:server-group.update",
        ServerGroupDelete = "user:server-group.delete",
        SessionDelete = "user:session.delete",
    }
    Admin {
        SettingsUpdate = "settings:update",
        UserCreate = "user:create",
        UserUpdate = "user:update",
        UserDelete = "user:delete",
        UserDisableTwoFactor = "user:disable-two-factor",
        UserImpersonate = "user:impersonate",
        RoleCreate = "role:create",
        RoleUpdate = "role:update",
        RoleDelete = "role:delete",
        LocationCreate = "location:create",
        LocationUpdate = "location:update",
        LocationDelete = "location:delete",
        NodeCreate = "node:create",
        NodeUpdate = "node:update",
        NodeDelete = "node:delete",
        NodeReadToken = "node:read-token",
        NodeResetToken = "node:reset-token",
        NodeAllocationCreate = "node:allocation.create",
        NodeAllocationUpdate = "node:allocation.update",
        NodeAllocationDelete = "node:allocation.delete",
        NodeMountCreate = "node:mount.create",
        NodeMountDelete = "node:mount.delete",
        MountCreate = "mount:create",
        MountUpdate = "mount:update",
        MountDelete = "mount:delete",
        NestCreate = "nest:create",
        NestUpdate = "nest:update",
        NestDelete = "nest:delete",
        EggCreate = "nest:egg.create",
        EggImport = "nest:egg.import",
        EggUpdate = "nest:egg.update",
        EggDelete = "nest:egg.delete",
        EggVariableCreate = "nest:egg.variable.create",
        EggVariableUpdate = "nest:egg.variable.update",
        EggVariableDelete = "nest:egg.variable.delete",
        EggMountCreate = "nest:egg.mount.create",
        EggMountDelete = "nest:egg.mount.delete",
        AdminServerCreate = "server:create",
        AdminServerUpdate = "server:update",
        AdminServerSuspend = "server:suspend",
        AdminServerUnsuspend = "server:unsuspend",
        AdminServerClearState = "server:clear-state",
        AdminServerDelete = "server:delete",
        AdminServerTransfer = "server:transfer",
        AdminServerTransferCancel = "server:transfer-cancel",
        AdminServerCopyLeft = "server:copy-left",
        BackupConfigurationCreate = "backup-configuration:create",
        BackupConfigurationUpdate = "backup-configuration:update",
        BackupConfigurationDelete = "backup-configuration:delete",
        SystemBackupPolicyCreate = "system-backup-policy:create",
        SystemBackupPolicyUpdate = "system-backup-policy:update",
        SystemBackupPolicyDelete = "system-backup-policy:delete",
        SystemBackupPolicyTrigger = "system-backup-policy:trigger",
        NodeBackupDelete = "node:backup.delete",
        NodeBackupDetach = "node:backup.detach",
        NodeBackupReattach = "node:backup.reattach",
    }
    Server {
        PowerStart = "server:power.start",
        PowerStop = "server:power.stop",
        PowerRestart = "server:power.restart",
        PowerKill = "server:power.kill",
        ConsoleCommand = "server:console.command",
        Install = "server:install",
        InstallComplete = "server:install-complete",
        InstallFail = "server:install-failed",
        InstallCancel = "server:install-cancel",
        InstallAcknowledge = "server:install-acknowledge",
        Reinstall = "server:reinstall",
        TransferComplete = "server:transfer-complete",
        TransferFail = "server:transfer-failed",
        FileWrite = "server:file.write",
        FileRename = "server:file.rename",
        FileCopy = "server:file.copy",
        FileDelete = "server:file.delete",
        FileModes = "server:file.chmod",
        FileCreateDirectory = "server:file.create-directory",
        FileCreateSymlink = "server:file.create-symlink",
        FileCompress = "server:file.compress",
        FileDecompress = "server:file.decompress",
        FilePull = "server:file.pull",
        FileDownload = "server:file.download",
        FileQuery = "server:file.query",
        FileOperationAbort = "server:file.operation-abort",
        SettingsRename = "server:settings.rename",
        SettingsTimezone = "server:settings.timezone",
        SettingsAutoKill = "server:settings.auto-kill",
        SettingsAutoStart = "server:settings.auto-start",
        StartupEdit = "server:startup.edit",
        StartupCommand = "server:startup.command",
        StartupImage = "server:startup.image",
        ServerAllocationCreate = "server:allocation.create",
        ServerAllocationUpdate = "server:allocation.notes",
        ServerAllocationPrimary = "server:allocation.primary",
        ServerAllocationDelete = "server:allocation.delete",
        SubuserCreate = "server:subuser.create",
        SubuserUpdate = "server:subuser.update",
        SubuserDelete = "server:subuser.delete",
        ServerMountCreate = "server:mount.attach",
        ServerMountDelete = "server:mount.detach",
        BackupCreate = "server:backup.create",
        BackupComplete = "server:backup.complete",
        BackupFail = "server:backup.fail",
        BackupUpdate = "server:backup.update",
        BackupDownload = "server:backup.download",
        BackupExport = "server:backup.export",
        BackupRestore = "server:backup.restore",
        BackupRestoreComplete = "server:backup.restore-complete",
        BackupRestoreFail = "server:backup.restore-failed",
        BackupUnlock = "server:backup.unlock",
        BackupDelete = "server:backup.delete",
        BackupGroupCreate = "server:backup-group.create",
        BackupGroupUpdate = "server:backup-group.update",
        BackupGroupDelete = "server:backup-group.delete",
        ScheduleCreate = "server:schedule.create",
        ScheduleImport = "server:schedule.import",
        ScheduleUpdate = "server:schedule.update",
        ScheduleDelete = "server:schedule.delete",
        ScheduleTrigger = "server:schedule.trigger",
        ScheduleAbort = "server:schedule.abort",
        ScheduleFail = "server:schedule.fail",
        ScheduleStepCreate = "server:schedule-step.create",
        ScheduleStepUpdate = "server:schedule-step.update",
        ScheduleStepOrder = "server:schedule-step.order",
        ScheduleStepDelete = "server:schedule-step.delete",
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The entry that a power action makes in the server's log.
impl From<crate::server::PowerAction> for Event {
    fn from(action: crate::server::PowerAction) -> Self {
        use crate::server::PowerAction as P;
        match action {
            P::Start => Self::PowerStart,
            P::Stop => Self::PowerStop,
            P::Restart => Self::PowerRestart,
            P::Kill => Self::PowerKill,
        }
    }
}

/// Whether a daemon's entry with this name is kept: in the area `server`, at most 255 characters of `a-z 0-9 . - _`. Others
/// are skipped, not refused, or the daemon would send the whole batch for ever.
#[must_use]
pub fn accepts_from_daemon(name: &str) -> bool {
    name.len() <= 255
        && name.strip_prefix("server:").is_some_and(|rest| {
            !rest.is_empty()
                && rest.bytes().all(|b| {
                    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')
                })
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::server::PowerAction;

    #[test]
    fn names_are_unique_and_well_formed() {
        let names: BTreeSet<_> = Event::ALL.iter().map(|event| event.as_str()).collect();
        assert_eq!(names.len(), Event::ALL.len());
        for event in Event::ALL {
            let (area, verb) = event.as_str().split_once(':').unwrap();
            assert!(!area.is_empty() && !verb.is_empty() && event.as_str().len() <= 255);
            if event.log() == Log::Server {
                assert!(accepts_from_daemon(event.as_str()), "{event}");
            }
        }
        for action in PowerAction::ALL {
            assert_eq!(
                Event::from(action).as_str(),
                format!("server:power.{action}")
            );
            assert_eq!(Event::from(action).log(), Log::Server);
        }
    }

    #[test]
    fn what_daemons_may_report() {
        for good in [
            "server:sftp.create-directory",
            "server:crashed",
            "server:file.uploaded",
        ] {
            assert!(accepts_from_daemon(good), "{good}");
        }
        for bad in [
            "",
            "server:",
            "auth:success",
            "server:A",
            "server:a b",
            "server:<b>",
            "xserver:a",
        ] {
            assert!(!accepts_from_daemon(bad), "{bad}");
        }
        assert!(!accepts_from_daemon(&format!("server:{}", "a".repeat(255))));
    }
}
