//! Who runs a schedule, and what they can do.

use super::action::Action;
use super::condition::Condition;
use super::timetable::once_a_minute;
use super::trigger::Trigger;
use crate::node::Flavour;

/// Who runs the schedules of a server: its daemon or, for daemons that know no schedules, the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Executor {
    /// The panel's worker.
    Panel,
    /// Calagopus before 1.0, which knows less.
    OldNode,
    /// Calagopus.
    Node,
}

/// Something that a schedule asks for and whoever would run it cannot do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {reason}")]
pub struct Unsupported {
    what: &'static str,
    reason: &'static str,
}

const NO_SCHEDULES: &str = "is not possible on this server's node: its daemon runs no schedules, and the panel cannot do it in its place";
const TOO_OLD: &str = "is not possible on this server's node: its daemon is too old";

impl Executor {
    /// Who runs the schedules on a node of this flavour; `major` is the first number of the daemon's version.
    #[must_use]
    pub const fn of(flavour: Flavour, major: Option<u64>) -> Self {
        match (flavour, major) {
            (Flavour::Pterodactyl | Flavour::Pelican, _) => Self::Panel,
            (Flavour::Calagopus, Some(1..)) => Self::Node,
            (Flavour::Calagopus, _) => Self::OldNode,
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Panel => NO_SCHEDULES,
            Self::OldNode | Self::Node => TOO_OLD,
        }
    }

    const fn refuse(self, what: &'static str) -> Result<(), Unsupported> {
        Err(Unsupported {
            what,
            reason: self.reason(),
        })
    }

    /// Whether it notices this.
    ///
    /// # Errors
    /// [`Unsupported`].
    pub fn supports_trigger(self, trigger: &Trigger) -> Result<(), Unsupported> {
        match (self, trigger) {
            (Self::Panel, Trigger::Cron { schedule }) if !once_a_minute(schedule) => {
                Err(Unsupported {
                    what: "running more than once a minute",
                    reason: NO_SCHEDULES,
                })
            }
            (
                Self::OldNode,
                Trigger::ConsoleLine {
                    case_insensitive: true,
                    ..
                },
            ) => self.refuse("a line of the console in upper or lower case"),
            (_, Trigger::Cron { .. })
            | (Self::Panel, Trigger::ScheduleCompletion { .. })
            | (Self::Node, _)
            | (
                Self::OldNode,
                Trigger::PowerAction { .. }
                | Trigger::ServerState { .. }
                | Trigger::BackupStatus { .. }
                | Trigger::ConsoleLine { .. }
                | Trigger::Crash,
            ) => Ok(()),
            (_, Trigger::PowerAction { .. }) => self.refuse("starting by a power action"),
            (_, Trigger::ServerState { .. }) => self.refuse("starting by the server's state"),
            (_, Trigger::BackupStatus { .. }) => self.refuse("starting by a backup"),
            (_, Trigger::ScheduleCompletion { .. }) => self.refuse("starting by another schedule"),
            (_, Trigger::ResourceUsage { .. }) => self.refuse("starting by what the server uses"),
            (_, Trigger::ConsoleLine { .. }) => self.refuse("starting by a line of the console"),
            (_, Trigger::Crash) => self.refuse("starting by a crash"),
        }
    }

    /// Whether it can tell if this, and everything in it, holds.
    ///
    /// # Errors
    /// [`Unsupported`].
    pub fn supports_condition(self, condition: &Condition) -> Result<(), Unsupported> {
        let mut result = Ok(());
        condition.walk(1, &mut |part, _| {
            let known = match (self, part) {
                (Self::Panel | Self::Node, _) => Ok(()),
                (
                    Self::OldNode,
                    Condition::VariableExists { .. }
                    | Condition::VariableEquals { .. }
                    | Condition::VariableContains { .. }
                    | Condition::VariableStartsWith { .. }
                    | Condition::VariableEndsWith { .. },
                ) => self.refuse("a condition on a variable"),
                (Self::OldNode, _) => Ok(()),
            };
            if result.is_ok() {
                result = known;
            }
        });
        result
    }

    /// Whether it can do this.
    ///
    /// # Errors
    /// [`Unsupported`].
    pub fn supports_action(self, action: &Action) -> Result<(), Unsupported> {
        if let Some(condition) = action.condition() {
            self.supports_condition(condition)?;
        }
        match (self, action) {
            // While a backup is put back the server cannot be used, not by a run of the panel's either.
            (Self::Panel | Self::OldNode, Action::RestoreBackup { .. }) => {
                self.refuse("putting a backup back")
            }
            (Self::OldNode, Action::DeleteBackup { .. }) => self.refuse("deleting a backup"),
            (Self::OldNode, Action::MoveBackup { .. }) => {
                self.refuse("putting a backup into another group")
            }
            (
                Self::OldNode,
                Action::CreateBackup {
                    backup_group_uuid: Some(_),
                    ..
                },
            ) => self.refuse("putting a new backup into a group"),
            (
                Self::OldNode,
                Action::CreateBackup {
                    output_into: Some(_),
                    ..
                },
            ) => self.refuse("keeping the id of a new backup"),
            (Self::Panel, Action::WaitForConsoleLine { .. }) => {
                self.refuse("waiting for a line of the console")
            }
            (Self::Panel, Action::HttpRequest { .. }) => self.refuse("calling an address"),
            (Self::Panel, Action::WriteFile { append: true, .. }) => {
                self.refuse("writing at the end of a file")
            }
            (Self::Panel, Action::CopyFile { .. }) => self.refuse("copying a file"),
            (Self::Panel, Action::CompressFiles { .. } | Action::DecompressFile { .. }) => {
                self.refuse("packing and unpacking files")
            }
            (
                Self::OldNode,
                Action::If { .. }
                | Action::ElseIf { .. }
                | Action::Else
                | Action::EndIf
                | Action::Exit { .. },
            ) => self.refuse("a step that decides"),
            (
                Self::OldNode,
                Action::WaitForConsoleLine {
                    case_insensitive: true,
                    ..
                },
            ) => self.refuse("a line of the console in upper or lower case"),
            (Self::OldNode, Action::WaitForState { .. }) => self.refuse("waiting for a state"),
            (Self::OldNode, Action::HttpRequest { .. }) => self.refuse("calling an address"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_runs_what() {
        assert_eq!(Executor::of(Flavour::Pelican, Some(1)), Executor::Panel);
        assert_eq!(Executor::of(Flavour::Calagopus, Some(0)), Executor::OldNode);
        assert_eq!(Executor::of(Flavour::Calagopus, None), Executor::OldNode);
        assert_eq!(Executor::of(Flavour::Calagopus, Some(2)), Executor::Node);

        let action = |value| serde_json::from_value::<Action>(value).unwrap();
        let wait = action(
            json!({ "type": "wait_for_console_line", "ignore_failure": false, "contains": "x", "timeout": 1 }),
        );
        assert!(Executor::Node.supports_action(&wait).is_ok());
        assert_eq!(
            Executor::Panel
                .supports_action(&wait)
                .unwrap_err()
                .to_string(),
            "waiting for a line of the console is not possible on this server's node: its daemon runs no schedules, and \
             the panel cannot do it in its place"
        );
        let ensure = action(
            json!({ "type": "ensure", "condition": { "type": "not", "condition":
            { "type": "variable_exists", "variable": { "variable": "x" } } } }),
        );
        assert!(Executor::OldNode.supports_action(&ensure).is_err());
        assert!(Executor::Panel.supports_action(&ensure).is_ok());
    }

    #[test]
    fn the_panel_runs_a_schedule_once_a_minute_at_most() {
        let cron = |pattern: &str| Trigger::Cron {
            schedule: pattern.to_owned(),
        };
        for (pattern, by_panel) in [
            ("* * * * *", true),
            ("30 * * * * *", true),
            ("*/30 * * * * *", false),
            ("0,30 * * * * *", false),
        ] {
            let cron = cron(pattern);
            assert_eq!(
                Executor::Panel.supports_trigger(&cron).is_ok(),
                by_panel,
                "{pattern}"
            );
            assert!(Executor::OldNode.supports_trigger(&cron).is_ok());
        }
    }
}
