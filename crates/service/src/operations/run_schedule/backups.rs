//! Steps with backups.

use panel_domain::activity::Event;
use panel_domain::backup::BackupState;
use panel_domain::id::{BackupGroupId, BackupId};
use panel_domain::operation::OperationKind;
use panel_domain::schedule::{Action, BackupSelector};
use panel_domain::server::ServerAction;
use panel_jobs::payload::MakeBackup;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::backups::{self as rows, BackupSelection, Scope};
use panel_storage::{operations, schedules as runs};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::effects::Effect;
use super::{Execution, LOOK_EVERY};
use crate::authorize::state_of;
use crate::backups::{
    CreateBackup, Doomed, NewBackup, delete_of, move_to, reserve, selected,
    state_of as state_of_backup,
};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::schedules::stored;
use crate::servers::{lock_server, operation};

/// What a step comes to that a use case has refused.
fn refused(error: Error) -> Result<Effect, Error> {
    match error {
        // The database is away: the step is done when it is back.
        Error::Unavailable { .. } | Error::Internal(_) => Err(error),
        refused => Ok(Effect::Failed(refused.to_string())),
    }
}

impl Execution {
    /// Does a step with a backup.
    pub(super) async fn with_backup(&mut self, cx: &Cx, action: &Action) -> Result<Effect, Error> {
        match action {
            Action::CreateBackup { .. } => self.make_backup(cx, action).await,
            Action::DeleteBackup { backup, .. } => {
                let backup = match self.chosen(cx, backup).await? {
                    Ok(backup) => backup,
                    Err(effect) => return Ok(effect),
                };
                match delete_of(cx, self.server(), backup).await {
                    Ok(()) => Ok(Effect::Done),
                    Err(error) => refused(error),
                }
            }
            Action::MoveBackup {
                backup,
                backup_group_uuid,
                ..
            } => {
                let backup = match self.chosen(cx, backup).await? {
                    Ok(backup) => backup,
                    Err(effect) => return Ok(effect),
                };
                let group = backup_group_uuid.map(BackupGroupId::from);
                match move_to(cx, self.server(), backup, group).await {
                    Ok(()) => Ok(Effect::Done),
                    Err(error) => refused(error),
                }
            }
            other => Ok(Effect::Failed(format!(
                "the panel cannot do {}",
                other.name()
            ))),
        }
    }

    /// The backup that a step means.
    async fn chosen(
        &self,
        cx: &Cx,
        selector: &BackupSelector,
    ) -> Result<Result<BackupId, Effect>, Error> {
        let unset = || Effect::Failed("a variable of this step was not set".to_owned());
        let group = |id: &Option<uuid::Uuid>| id.map(BackupGroupId::from);
        let mut selection = BackupSelection::default();
        match selector {
            BackupSelector::Latest { backup_group_uuid } => {
                selection.group = group(backup_group_uuid);
            }
            BackupSelector::Oldest { backup_group_uuid } => {
                selection.group = group(backup_group_uuid);
                selection.oldest = true;
            }
            BackupSelector::Uuid { uuid } => {
                let Some(text) = self.text(uuid) else {
                    return Ok(Err(unset()));
                };
                let Ok(id) = text.parse() else {
                    let reason = format!("{text:?} is no id of a backup");
                    return Ok(Err(Effect::Failed(reason)));
                };
                selection.id = Some(id);
            }
            BackupSelector::Name {
                backup_group_uuid,
                name,
                oldest,
            } => {
                let Some(name) = self.text(name) else {
                    return Ok(Err(unset()));
                };
                selection.name = Some(name);
                selection.group = group(backup_group_uuid);
                selection.oldest = *oldest;
            }
        }
        let mut conn = cx.read_primary().await?;
        match selected(&mut conn, self.server(), &selection).await {
            Ok(backup) => Ok(Ok(backup.id)),
            Err(Error::NotFound { .. }) => Ok(Err(Effect::Failed(
                "the server has no such backup".to_owned(),
            ))),
            Err(error) => Err(error),
        }
    }

    /// Asks for a backup, and waits for it if the step does. It is written down together with how far the run is: whoever goes on with
    /// the run does not ask again.
    async fn make_backup(&mut self, cx: &Cx, action: &Action) -> Result<Effect, Error> {
        let Action::CreateBackup {
            foreground,
            name,
            backup_group_uuid,
            ignored_files,
            output_into,
            ..
        } = action
        else {
            return Ok(Effect::Failed("this is no step with a backup".to_owned()));
        };
        if let Some(id) = self.progress.backup {
            return self.await_backup(cx, id, *foreground).await;
        }
        let name = match name {
            Some(name) => match self.text(name) {
                Some(name) => Some(name).filter(|name| !name.is_empty()),
                None => {
                    return Ok(Effect::Failed(
                        "a variable of this step was not set".to_owned(),
                    ));
                }
            },
            None => None,
        };
        let wanted = CreateBackup {
            name,
            ignored_files: ignored_files.clone(),
            group: backup_group_uuid.map(BackupGroupId::from),
        };
        if let Err(error) = wanted.check() {
            return refused(error);
        }
        let mut new = NewBackup::new(cx, wanted.name, wanted.ignored_files);
        new.group = wanted.group;
        new.schedule = Some(self.schedule());
        new.makes_room = Some(Doomed::new(cx));
        if let Some(output) = output_into {
            let kept = self
                .progress
                .variables
                .set(&output.variable, new.id.to_string());
            if let Err(error) = kept {
                return Ok(error.into());
            }
        }
        self.progress.backup = Some(new.id);
        match self.order(cx, &new).await {
            Ok(true) => self.await_backup(cx, new.id, *foreground).await,
            Ok(false) => Ok(Effect::Lost),
            Err(error) => {
                self.progress.backup = None;
                refused(error)
            }
        }
    }

    /// Writes a backup, the order to make it, and how far the run is. `false`: somebody else has the run.
    async fn order(&self, cx: &Cx, new: &NewBackup) -> Result<bool, Error> {
        let (server, node) = (self.server(), self.server.node);
        let place = node_calls::node(cx, node).await?;
        let mut operation = operation(cx, OperationKind::Backup, server, node, json!({}));
        operation.backup_id = Some(new.id);
        let job = MakeBackup {
            operation: operation.id,
        };
        let entry = cx
            .entry(
                Event::BackupCreate,
                json!({
                    "backup": new.id, "name": new.name, "schedule": self.row.schedule_name,
                    "schedule_uuid": self.row.schedule_id,
                }),
            )
            .on(server)
            .by_schedule();
        let (id, fence, progress) = (self.id, self.row.fence, stored(&self.progress)?);
        let (place, operation, job, entry, progress) =
            (&place, &operation, &job, &entry, &progress);
        cx.write(|tx| {
            async move {
                let row = lock_server(tx, server).await?;
                state_of(&row, false).allows(ServerAction::Use, true)?;
                if !runs::save_run(tx, id, fence, progress, None).await? {
                    return Ok(false);
                }
                reserve(cx, tx, &row, place, new).await?;
                operations::record(tx, operation);
                enqueue(tx, job, new.now, EnqueueOptions::default())?;
                entry.record(tx);
                Ok(true)
            }
            .scope_boxed()
        })
        .await
    }

    async fn await_backup(
        &mut self,
        cx: &Cx,
        id: BackupId,
        foreground: bool,
    ) -> Result<Effect, Error> {
        if foreground {
            let row = rows::find(&mut cx.read_primary().await?, Scope::All, id).await?;
            let state = row.as_ref().map(state_of_backup).transpose()?;
            match state {
                Some(BackupState::Creating | BackupState::Verifying) => {
                    return Ok(Effect::Later(cx.now() + LOOK_EVERY));
                }
                Some(BackupState::Successful) => {}
                Some(BackupState::Failed) => {
                    self.progress.backup = None;
                    let reason = row.and_then(|row| row.error).unwrap_or_default();
                    return Ok(Effect::Failed(format!("the backup failed: {reason}")));
                }
                None => {
                    self.progress.backup = None;
                    return Ok(Effect::Failed("the backup was deleted".to_owned()));
                }
            }
        }
        self.progress.backup = None;
        Ok(Effect::Done)
    }
}
