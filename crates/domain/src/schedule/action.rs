//! What a step of a schedule does.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::condition::Condition;
use super::value::{Dynamic, Variable};
use crate::permission::ServerPermission;
use crate::server::{PowerAction, PowerState};

/// What a step does. Unless it says `ignore_failure`, a step that fails ends the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleActionInner))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Waits.
    Sleep {
        /// Milliseconds.
        #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 86_400_000))]
        duration: u64,
    },
    /// Ends the run unless this holds.
    Ensure {
        /// What has to hold.
        condition: Condition,
    },
    /// Does the steps up to the next branch only if this holds.
    If {
        /// What has to hold.
        condition: Condition,
    },
    /// Does the steps up to the next branch only if none of those before was done and this holds.
    ElseIf {
        /// What has to hold.
        condition: Condition,
    },
    /// Does the steps up to `end_if` only if none of the branches before was done.
    Else,
    /// Ends the branches.
    EndIf,
    /// Ends the run.
    Exit {
        /// As what.
        successful: bool,
    },
    /// Waits until the server is in a state.
    WaitForState {
        /// Go on when it does not get there.
        ignore_failure: bool,
        /// The state.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        state: PowerState,
        /// For how long at most, in milliseconds.
        #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 86_400_000))]
        timeout: u64,
    },
    /// Puts a text into a variable.
    Format {
        /// The text, with the values of variables for `{{name}}`.
        #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 16_384))]
        format: String,
        /// Where it is put.
        output_into: Variable,
    },
    /// Puts what the groups of a pattern match into variables.
    MatchRegex {
        /// What is searched.
        input: Dynamic,
        /// The pattern.
        regex: String,
        /// Where the groups are put: the whole match first.
        output_into: Vec<Option<Variable>>,
    },
    /// Waits for a line of the console.
    WaitForConsoleLine {
        /// Go on when none comes.
        ignore_failure: bool,
        /// What it contains.
        contains: Dynamic,
        /// Whether upper and lower case are the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        case_insensitive: bool,
        /// For how long at most, in milliseconds.
        #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 86_400_000))]
        timeout: u64,
        /// Where the line is put.
        #[serde(default)]
        output_into: Option<Variable>,
    },
    /// Asks for a power action.
    SendPower {
        /// Go on when it is refused.
        ignore_failure: bool,
        /// Which.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        action: PowerAction,
    },
    /// Sends a line to the console.
    SendCommand {
        /// Go on when it cannot be sent.
        ignore_failure: bool,
        /// The line.
        command: Dynamic,
    },
    /// Makes a backup.
    CreateBackup {
        /// Go on when it fails.
        ignore_failure: bool,
        /// Whether the run waits for it.
        foreground: bool,
        /// Its name.
        #[serde(default)]
        name: Option<Dynamic>,
        /// Into which group it goes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backup_group_uuid: Option<Uuid>,
        /// Patterns of files that are left out.
        ignored_files: Vec<String>,
        /// Where its id is put.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output_into: Option<Variable>,
    },
    /// Puts a backup back.
    RestoreBackup {
        /// Go on when it fails.
        ignore_failure: bool,
        /// Whether the files there are deleted before.
        truncate_directory: bool,
        /// Whether the startup is put back, too.
        #[serde(default)]
        restore_startup: bool,
        /// Which.
        backup: BackupSelector,
    },
    /// Deletes a backup.
    DeleteBackup {
        /// Go on when it fails.
        #[serde(default)]
        ignore_failure: bool,
        /// Which.
        backup: BackupSelector,
    },
    /// Puts a backup into another group.
    MoveBackup {
        /// Go on when it fails.
        #[serde(default)]
        ignore_failure: bool,
        /// Which.
        backup: BackupSelector,
        /// Into which group; out of any when absent.
        #[serde(default)]
        backup_group_uuid: Option<Uuid>,
    },
    /// Makes a folder.
    CreateDirectory {
        /// Go on when it fails.
        ignore_failure: bool,
        /// In which folder.
        root: Dynamic,
        /// Its name.
        name: Dynamic,
    },
    /// Writes a file.
    WriteFile {
        /// Go on when it fails.
        ignore_failure: bool,
        /// Whether what is there stays in front.
        append: bool,
        /// Its path.
        file: Dynamic,
        /// What is written.
        content: Dynamic,
    },
    /// Copies a file.
    CopyFile {
        /// Go on when it fails.
        ignore_failure: bool,
        /// Whether the run waits for it.
        foreground: bool,
        /// Its path.
        file: Dynamic,
        /// The path of the copy.
        destination: Dynamic,
    },
    /// Deletes files.
    DeleteFiles {
        /// Go on when it fails.
        #[serde(default)]
        ignore_failure: bool,
        /// In which folder.
        root: Dynamic,
        /// Their paths there.
        files: Vec<String>,
    },
    /// Renames and moves files.
    RenameFiles {
        /// Go on when it fails.
        #[serde(default)]
        ignore_failure: bool,
        /// In which folder.
        root: Dynamic,
        /// From where to where.
        files: Vec<FileRename>,
    },
    /// Packs files into an archive.
    CompressFiles {
        /// Go on when it fails.
        ignore_failure: bool,
        /// Whether the run waits for it.
        foreground: bool,
        /// In which folder.
        root: Dynamic,
        /// Their paths there.
        files: Vec<String>,
        /// Of which kind the archive is.
        format: ArchiveFormat,
        /// Its name.
        name: Dynamic,
    },
    /// Unpacks an archive.
    DecompressFile {
        /// Go on when it fails.
        ignore_failure: bool,
        /// Whether the run waits for it.
        foreground: bool,
        /// Into which folder.
        root: Dynamic,
        /// Its path there.
        file: Dynamic,
    },
    /// Gives a variable of the server's egg another value.
    UpdateStartupVariable {
        /// Go on when it is refused.
        ignore_failure: bool,
        /// Which.
        env_variable: Dynamic,
        /// The value.
        value: Dynamic,
    },
    /// Gives the server another startup command.
    UpdateStartupCommand {
        /// Go on when it is refused.
        ignore_failure: bool,
        /// The command.
        command: Dynamic,
    },
    /// Gives the server another container image.
    UpdateStartupDockerImage {
        /// Go on when it is refused.
        ignore_failure: bool,
        /// The image.
        image: Dynamic,
    },
    /// Calls an address.
    HttpRequest {
        /// Go on when it fails.
        ignore_failure: bool,
        /// How.
        method: HttpMethod,
        /// The address.
        url: String,
        /// What is sent in front.
        #[serde(default)]
        headers: Vec<HttpHeader>,
        /// What is sent.
        #[serde(default)]
        body: Option<Dynamic>,
        /// For how long at most, in milliseconds.
        #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 1, maximum = 60_000))]
        timeout: u64,
        /// Whether an answer that says no is as good as one that says yes.
        #[serde(default)]
        ignore_error_status: bool,
        /// Where the status is put.
        #[serde(default)]
        output_status_into: Option<Variable>,
        /// Where the body is put.
        #[serde(default)]
        output_body_into: Option<Variable>,
    },
}

/// One of the server's backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleBackupSelector))]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum BackupSelector {
    /// The youngest.
    Latest {
        /// Of this group.
        #[serde(default)]
        backup_group_uuid: Option<Uuid>,
    },
    /// The oldest.
    Oldest {
        /// Of this group.
        #[serde(default)]
        backup_group_uuid: Option<Uuid>,
    },
    /// The one with this id.
    Uuid {
        /// The id.
        uuid: Dynamic,
    },
    /// One with this name.
    Name {
        /// Of this group.
        #[serde(default)]
        backup_group_uuid: Option<Uuid>,
        /// The name.
        name: Dynamic,
        /// Whether it is the oldest of them; else the youngest.
        #[serde(default)]
        oldest: bool,
    },
}

/// From where to where a file moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleFileRename))]
#[serde(deny_unknown_fields)]
pub struct FileRename {
    /// Its path.
    pub from: String,
    /// Its new path.
    pub to: String,
}

/// Kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ArchiveFormat))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are the names of formats")]
pub enum ArchiveFormat {
    Tar,
    TarGz,
    TarXz,
    TarLzip,
    TarBz2,
    TarLz4,
    TarZstd,
    Zip,
    SevenZip,
}

/// What is sent in front of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleHttpHeader))]
#[serde(deny_unknown_fields)]
pub struct HttpHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Dynamic,
}

/// Methods of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleHttpMethod))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are the names of methods")]
pub enum HttpMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
}

impl Action {
    /// Its name, as `type` has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sleep { .. } => "sleep",
            Self::Ensure { .. } => "ensure",
            Self::If { .. } => "if",
            Self::ElseIf { .. } => "else_if",
            Self::Else => "else",
            Self::EndIf => "end_if",
            Self::Exit { .. } => "exit",
            Self::WaitForState { .. } => "wait_for_state",
            Self::Format { .. } => "format",
            Self::MatchRegex { .. } => "match_regex",
            Self::WaitForConsoleLine { .. } => "wait_for_console_line",
            Self::SendPower { .. } => "send_power",
            Self::SendCommand { .. } => "send_command",
            Self::CreateBackup { .. } => "create_backup",
            Self::RestoreBackup { .. } => "restore_backup",
            Self::DeleteBackup { .. } => "delete_backup",
            Self::MoveBackup { .. } => "move_backup",
            Self::CreateDirectory { .. } => "create_directory",
            Self::WriteFile { .. } => "write_file",
            Self::CopyFile { .. } => "copy_file",
            Self::DeleteFiles { .. } => "delete_files",
            Self::RenameFiles { .. } => "rename_files",
            Self::CompressFiles { .. } => "compress_files",
            Self::DecompressFile { .. } => "decompress_file",
            Self::UpdateStartupVariable { .. } => "update_startup_variable",
            Self::UpdateStartupCommand { .. } => "update_startup_command",
            Self::UpdateStartupDockerImage { .. } => "update_startup_docker_image",
            Self::HttpRequest { .. } => "http_request",
        }
    }

    /// Whether the run goes on when the step fails.
    #[must_use]
    pub const fn ignores_failure(&self) -> bool {
        match self {
            Self::WaitForState { ignore_failure, .. }
            | Self::WaitForConsoleLine { ignore_failure, .. }
            | Self::SendPower { ignore_failure, .. }
            | Self::SendCommand { ignore_failure, .. }
            | Self::CreateBackup { ignore_failure, .. }
            | Self::RestoreBackup { ignore_failure, .. }
            | Self::DeleteBackup { ignore_failure, .. }
            | Self::MoveBackup { ignore_failure, .. }
            | Self::CreateDirectory { ignore_failure, .. }
            | Self::WriteFile { ignore_failure, .. }
            | Self::CopyFile { ignore_failure, .. }
            | Self::DeleteFiles { ignore_failure, .. }
            | Self::RenameFiles { ignore_failure, .. }
            | Self::CompressFiles { ignore_failure, .. }
            | Self::DecompressFile { ignore_failure, .. }
            | Self::UpdateStartupVariable { ignore_failure, .. }
            | Self::UpdateStartupCommand { ignore_failure, .. }
            | Self::UpdateStartupDockerImage { ignore_failure, .. }
            | Self::HttpRequest { ignore_failure, .. } => *ignore_failure,
            Self::Sleep { .. }
            | Self::Ensure { .. }
            | Self::If { .. }
            | Self::ElseIf { .. }
            | Self::Else
            | Self::EndIf
            | Self::Exit { .. }
            | Self::Format { .. }
            | Self::MatchRegex { .. } => false,
        }
    }

    /// What it decides by, if it decides.
    #[must_use]
    pub const fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Ensure { condition } | Self::If { condition } | Self::ElseIf { condition } => {
                Some(condition)
            }
            _ => None,
        }
    }

    /// Whether it touches or looks for files, and so could reach those that are hidden from whoever wrote it.
    #[must_use]
    pub fn touches_files(&self) -> bool {
        match self {
            Self::CreateDirectory { .. }
            | Self::WriteFile { .. }
            | Self::CopyFile { .. }
            | Self::DeleteFiles { .. }
            | Self::RenameFiles { .. }
            | Self::CompressFiles { .. }
            | Self::DecompressFile { .. } => true,
            _ => self
                .condition()
                .is_some_and(|condition| !condition.asks_files().is_empty()),
        }
    }
}

/// What somebody needs to have a schedule do this: what they would need to do it themselves. Otherwise whoever may edit
/// schedules could do everything.
#[must_use]
pub const fn action_permission(action: &Action) -> Option<ServerPermission> {
    use ServerPermission as P;
    Some(match action {
        Action::WaitForConsoleLine { .. } => P::ControlReadConsole,
        Action::SendPower { action, .. } => action.permission(),
        Action::SendCommand { .. } => P::ControlConsole,
        Action::CreateBackup { .. } => P::BackupsCreate,
        Action::RestoreBackup { .. } => P::BackupsRestore,
        Action::DeleteBackup { .. } => P::BackupsDelete,
        Action::MoveBackup { .. } => P::BackupsUpdate,
        Action::CreateDirectory { .. } => P::FilesCreate,
        Action::WriteFile { .. } | Action::CopyFile { .. } | Action::RenameFiles { .. } => {
            P::FilesUpdate
        }
        Action::DeleteFiles { .. } => P::FilesDelete,
        Action::CompressFiles { .. } | Action::DecompressFile { .. } => P::FilesArchive,
        Action::UpdateStartupVariable { .. } => P::StartupUpdate,
        Action::UpdateStartupCommand { .. } => P::StartupCommand,
        Action::UpdateStartupDockerImage { .. } => P::StartupDockerImage,
        Action::Sleep { .. }
        | Action::Ensure { .. }
        | Action::If { .. }
        | Action::ElseIf { .. }
        | Action::Else
        | Action::EndIf
        | Action::Exit { .. }
        | Action::WaitForState { .. }
        | Action::Format { .. }
        | Action::MatchRegex { .. }
        | Action::HttpRequest { .. } => return None,
    })
}

/// All that somebody needs to have a schedule do this: [`action_permission`], and everything about how a server starts where that is put
/// back together with a backup.
pub fn action_permissions(action: &Action) -> impl Iterator<Item = ServerPermission> {
    let startup = matches!(
        action,
        Action::RestoreBackup {
            restore_startup: true,
            ..
        }
    );
    let startup = startup.then_some(ServerPermission::STARTUP);
    action_permission(action)
        .into_iter()
        .chain(startup.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn steps_are_written_as_they_are_read() {
        let steps = [
            json!({ "type": "sleep", "duration": 5000 }),
            json!({ "type": "else" }),
            json!({ "type": "send_power", "ignore_failure": false, "action": "restart" }),
            json!({ "type": "send_command", "ignore_failure": true, "command": "say {{x}}" }),
            json!({ "type": "send_command", "ignore_failure": true, "command": { "variable": "line" } }),
            json!({ "type": "ensure", "condition": { "type": "server_state", "state": "running" } }),
            json!({ "type": "delete_backup", "ignore_failure": false, "backup": { "mode": "latest", "backup_group_uuid": null } }),
        ];
        for step in steps {
            let action: Action = serde_json::from_value(step.clone()).unwrap();
            assert_eq!(serde_json::to_value(&action).unwrap(), step);
            assert_eq!(step["type"], action.name());
        }
    }

    #[test]
    fn what_is_missing_or_too_much_is_refused() {
        let wrong: [Value; 4] = [
            json!({ "type": "explode" }),
            json!({ "type": "sleep" }),
            json!({ "type": "sleep", "duration": 1, "minutes": 2 }),
            json!({ "type": "send_power", "ignore_failure": false, "action": "reboot" }),
        ];
        for step in wrong {
            assert!(
                serde_json::from_value::<Action>(step.clone()).is_err(),
                "{step}"
            );
        }
    }

    #[test]
    fn the_rights_that_steps_need() {
        let needs = |step: Value| action_permission(&serde_json::from_value(step).unwrap());
        assert_eq!(
            needs(json!({ "type": "send_power", "ignore_failure": false, "action": "kill" })),
            Some(ServerPermission::ControlStop)
        );
        assert_eq!(
            needs(json!({ "type": "send_command", "ignore_failure": false, "command": "x" })),
            Some(ServerPermission::ControlConsole)
        );
        assert_eq!(needs(json!({ "type": "sleep", "duration": 1 })), None);
        let all = |restore_startup: bool| -> Vec<ServerPermission> {
            let step = json!({
                "type": "restore_backup", "ignore_failure": false, "truncate_directory": false,
                "restore_startup": restore_startup, "backup": { "mode": "latest" },
            });
            action_permissions(&serde_json::from_value(step).unwrap()).collect()
        };
        assert_eq!(all(false), [ServerPermission::BackupsRestore]);
        assert_eq!(
            all(true),
            [
                ServerPermission::BackupsRestore,
                ServerPermission::StartupUpdate,
                ServerPermission::StartupCommand,
                ServerPermission::StartupDockerImage,
            ]
        );
    }
}
