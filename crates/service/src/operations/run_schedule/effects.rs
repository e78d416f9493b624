//! What steps do.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::activity::Event;
use panel_domain::actor::Actor;
use panel_domain::id::ServerRef;
use panel_domain::operation::Outcome;
use panel_domain::permission::ServerPermission;
use panel_domain::policy;
use panel_domain::schedule::{Action, Dynamic, Executor, TooLarge, action_permission};
use panel_domain::server::{PowerState, check_command};
use panel_domain::validate::Invalid;
use panel_storage::schedules as rows;
use regex::RegexBuilder;
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};
use wings_client::NodeClient;
use wings_client::wire::files::Move;

use super::conditions::usage_of;
use super::{Execution, LOOK_EVERY, PAUSE};
use crate::activity::Entry;
use crate::auth::Access;
use crate::cx::{Cx, RequestMeta};
use crate::error::Error;
use crate::node_calls;
use crate::operations::outcome_of;
use crate::schedules::{author_of, sees_all_files, stored};
use crate::servers::{self, OFFLINE, VariableValue, wire_power};

/// What became of a step.
pub(super) enum Effect {
    /// It is done.
    Done,
    /// It goes on at this time.
    Later(DateTime<Utc>),
    /// It could not be done.
    Failed(String),
    /// Somebody else has the run.
    Lost,
}

impl From<TooLarge> for Effect {
    fn from(error: TooLarge) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Patterns take no more than this when they are compiled.
const MAX_PATTERN_BYTES: usize = 1 << 20;

impl Execution {
    /// Does a step.
    pub(super) async fn perform(&mut self, cx: &Cx, action: &Action) -> Result<Effect, Error> {
        let now = cx.now();
        match action {
            Action::Sleep { duration } => {
                let until = *self
                    .progress
                    .until
                    .get_or_insert(now + milliseconds(*duration));
                Ok(if now >= until {
                    Effect::Done
                } else {
                    Effect::Later(until)
                })
            }
            Action::WaitForState { state, timeout, .. } => {
                let until = *self
                    .progress
                    .until
                    .get_or_insert(now + milliseconds(*timeout));
                self.wait_for_state(cx, *state, until).await
            }
            Action::Format {
                format,
                output_into,
            } => Ok(match self.progress.variables.fill(format) {
                Ok(text) => self.keep(&output_into.variable, text),
                Err(error) => error.into(),
            }),
            Action::MatchRegex {
                input,
                regex,
                output_into,
            } => {
                let Some(input) = self.text(input) else {
                    return Ok(Effect::Failed("the variable was not set".to_owned()));
                };
                let pattern = RegexBuilder::new(regex)
                    .size_limit(MAX_PATTERN_BYTES)
                    .build();
                let Ok(pattern) = pattern else {
                    return Ok(Effect::Failed("the pattern cannot be read".to_owned()));
                };
                let Some(found) = pattern.captures(&input) else {
                    return Ok(Effect::Failed("the pattern was not found".to_owned()));
                };
                for (group, name) in found.iter().zip(output_into) {
                    if let (Some(group), Some(name)) = (group, name) {
                        let kept = self.keep(&name.variable, group.as_str().to_owned());
                        if !matches!(kept, Effect::Done) {
                            return Ok(kept);
                        }
                    }
                }
                Ok(Effect::Done)
            }
            other => self.affect(cx, other).await,
        }
    }

    async fn wait_for_state(
        &self,
        cx: &Cx,
        wanted: PowerState,
        until: DateTime<Utc>,
    ) -> Result<Effect, Error> {
        let now = cx.now();
        let client = node_calls::client(cx, self.server.node).await?;
        let next = match client.utilization(self.server()).await {
            Ok(usage) if usage_of(&usage).state == wanted => return Ok(Effect::Done),
            Ok(_) => now + LOOK_EVERY,
            Err(_) => now + PAUSE,
        };
        Ok(if now >= until {
            Effect::Failed(format!("the server was not {wanted} in time"))
        } else {
            Effect::Later(next.min(until))
        })
    }

    fn keep(&mut self, variable: &str, text: String) -> Effect {
        match self.progress.variables.set(variable, text) {
            Ok(()) => Effect::Done,
            Err(error) => error.into(),
        }
    }

    pub(super) fn text(&self, text: &Dynamic) -> Option<String> {
        text.resolve(&self.progress.variables).map(str::to_owned)
    }

    /// Does a step that changes something outside of the run, with what its author may do now.
    async fn affect(&mut self, cx: &Cx, action: &Action) -> Result<Effect, Error> {
        if let Err(unsupported) = Executor::Panel.supports_action(action) {
            return Ok(Effect::Failed(unsupported.to_string()));
        }
        let author = match self.author(cx, action_permission(action)).await? {
            Ok(author) => author,
            Err(reason) => return Ok(Effect::Failed(reason)),
        };
        if action.touches_files() && sees_all_files(&self.server, &author).is_err() {
            let reason = "some files are hidden from whoever wrote this step";
            return Ok(Effect::Failed(reason.to_owned()));
        }
        match action {
            Action::UpdateStartupVariable { .. }
            | Action::UpdateStartupCommand { .. }
            | Action::UpdateStartupDockerImage { .. } => {
                self.change_startup(cx, action, author).await
            }
            Action::CreateBackup { .. }
            | Action::DeleteBackup { .. }
            | Action::MoveBackup { .. } => self.with_backup(cx, action).await,
            _ => self.call(cx, action).await,
        }
    }

    /// Whoever wrote the step at hand, if they may still do what it does.
    async fn author(
        &self,
        cx: &Cx,
        needed: Option<ServerPermission>,
    ) -> Result<Result<Actor, String>, Error> {
        let gone =
            || "the account of whoever wrote this step is gone; save the step again".to_owned();
        let step = self.steps.get(self.progress.cursor.step);
        let Some(author) = step.and_then(|step| step.author) else {
            return Ok(Err(gone()));
        };
        let mut conn = cx.read_primary().await?;
        let Some(author) = author_of(&mut conn, author).await? else {
            return Ok(Err(gone()));
        };
        let name = author.username.clone();
        let actor = Actor::from(author);
        let Some(needed) = needed else {
            return Ok(Ok(actor));
        };
        let access = self.server.access_of(&actor);
        Ok(match policy::may_on_server(&actor, &access, needed) {
            Ok(_) => Ok(actor),
            Err(_) => Err(format!(
                "{name} wrote this step and may not do this any more; somebody who may has to save it again"
            )),
        })
    }

    /// Changes how the server starts, as its author would.
    async fn change_startup(
        &mut self,
        cx: &Cx,
        action: &Action,
        author: Actor,
    ) -> Result<Effect, Error> {
        let request = RequestMeta {
            access: Access::Change,
            ..RequestMeta::default()
        };
        let author = cx.app().cx(author, request);
        let server = ServerRef::Id(self.server());
        let text = |text: &Dynamic| self.text(text).unwrap_or_default();
        let changed = match action {
            Action::UpdateStartupVariable {
                env_variable,
                value,
                ..
            } => {
                let value = VariableValue {
                    env_variable: text(env_variable),
                    value: text(value),
                };
                servers::set_variables(&author, server, vec![value]).await
            }
            Action::UpdateStartupCommand { command, .. } => {
                servers::set_command(&author, server, text(command)).await
            }
            Action::UpdateStartupDockerImage { image, .. } => {
                servers::set_image(&author, server, text(image)).await
            }
            _ => Ok(()),
        };
        match changed {
            Ok(()) => Ok(Effect::Done),
            // The database is away: the step is done when it is back. Doing it twice is doing it once.
            Err(error @ (Error::Unavailable { .. } | Error::Internal(_))) => Err(error),
            Err(refused) => Ok(Effect::Failed(refused.to_string())),
        }
    }

    /// Calls the node for a step, at most once.
    async fn call(&mut self, cx: &Cx, action: &Action) -> Result<Effect, Error> {
        let call = match self.prepare(action) {
            Ok(call) => call,
            Err(reason) => return Ok(Effect::Failed(reason)),
        };
        let client = node_calls::client(cx, self.server.node).await?;
        if !self.announce(cx, call.entry(self, cx)).await? {
            return Ok(Effect::Lost);
        }
        cx.reach("schedule:before-call").await;
        let server = self.server();
        let answer = node_calls::at_most_once(cx, || call.make(&client, server)).await?;
        cx.reach("schedule:after-call").await;
        let Err(error) = answer else {
            return Ok(Effect::Done);
        };
        if outcome_of(&error) == Outcome::NotSent
            && let Some(at) = self.patience(cx)
        {
            return Ok(Effect::Later(at));
        }
        let offline = matches!(call, Call::Command(_))
            && error
                .status()
                .is_some_and(|status| OFFLINE.contains(&status));
        Ok(Effect::Failed(if offline {
            "the server does not run".to_owned()
        } else {
            error.to_string()
        }))
    }

    /// Writes down that the node is about to be called for the step at hand. `false`: somebody else has the run.
    async fn announce(&self, cx: &Cx, entry: Option<Entry>) -> Result<bool, Error> {
        let (id, fence, now) = (self.id, self.row.fence, cx.now());
        let progress = stored(&self.progress)?;
        let (progress, entry) = (&progress, &entry);
        cx.write(|tx| {
            async move {
                let held = rows::save_run(tx, id, fence, progress, Some(now)).await?;
                if let (true, Some(entry)) = (held, entry) {
                    entry.record(tx);
                }
                Ok(held)
            }
            .scope_boxed()
        })
        .await
    }

    fn prepare(&self, action: &Action) -> Result<Call, String> {
        let text = |text: &Dynamic| self.text(text).ok_or("a variable of this step was not set");
        Ok(match action {
            Action::SendPower { action, .. } => Call::Power(*action),
            Action::SendCommand { command, .. } => {
                let command = text(command)?;
                let mut invalid = Invalid::new();
                check_command("the command", &command, &mut invalid);
                invalid.finish().map_err(|invalid| invalid.to_string())?;
                Call::Command(command)
            }
            Action::CreateDirectory { root, name, .. } => Call::CreateDirectory {
                root: text(root)?,
                name: text(name)?,
            },
            Action::WriteFile { file, content, .. } => Call::WriteFile {
                file: text(file)?,
                content: text(content)?,
            },
            Action::DeleteFiles { root, files, .. } => Call::DeleteFiles {
                root: text(root)?,
                files: files.clone(),
            },
            Action::RenameFiles { root, files, .. } => Call::RenameFiles {
                root: text(root)?,
                files: files
                    .iter()
                    .map(|file| Move {
                        from: file.from.clone(),
                        to: file.to.clone(),
                    })
                    .collect(),
            },
            other => return Err(format!("the panel cannot do {}", other.name())),
        })
    }
}

/// A call to a node, with everything resolved.
enum Call {
    Power(panel_domain::server::PowerAction),
    Command(String),
    CreateDirectory { root: String, name: String },
    WriteFile { file: String, content: String },
    DeleteFiles { root: String, files: Vec<String> },
    RenameFiles { root: String, files: Vec<Move> },
}

impl Call {
    async fn make(
        &self,
        client: &NodeClient,
        server: panel_domain::id::ServerId,
    ) -> Result<(), wings_client::Error> {
        match self {
            Self::Power(action) => client.power(server, wire_power(*action)).await,
            Self::Command(command) => client.send_commands(server, vec![command.clone()]).await,
            Self::CreateDirectory { root, name } => {
                client.create_directory(server, root, name).await
            }
            Self::WriteFile { file, content } => {
                let content = Bytes::from(content.clone().into_bytes());
                client.write_file(server, file, content).await
            }
            Self::DeleteFiles { root, files } => client
                .delete_files(server, root, files.clone())
                .await
                .map(drop),
            Self::RenameFiles { root, files } => client
                .rename_files(server, root, files.clone())
                .await
                .map(drop),
        }
    }

    /// What the server's log says about it: the same as when a person does it.
    fn entry(&self, run: &Execution, cx: &Cx) -> Option<Entry> {
        let (event, details): (Event, Value) = match self {
            Self::Power(action) => (Event::from(*action), json!({})),
            Self::Command(command) => (Event::ConsoleCommand, json!({ "command": command })),
            // What people do with files is reported by daemons; what the panel does there, they do not see as theirs.
            Self::CreateDirectory { .. }
            | Self::WriteFile { .. }
            | Self::DeleteFiles { .. }
            | Self::RenameFiles { .. } => return None,
        };
        let mut details = details;
        details["schedule"] = json!(run.row.schedule_name);
        details["schedule_uuid"] = json!(run.row.schedule_id);
        Some(cx.entry(event, details).on(run.server()).by_schedule())
    }
}

fn milliseconds(duration: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(duration).unwrap_or(i64::MAX))
}
