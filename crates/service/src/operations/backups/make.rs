//! Having a node make a backup.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::activity::Event;
use panel_domain::backup::{BackupDisk, BackupState};
use panel_domain::id::OperationId;
use panel_domain::operation::{Next, OperationKind, OperationState, Outcome};
use panel_storage::backups::{self as rows, Backup, Completion, Scope};
use panel_storage::operations::Operation;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use wings_client::NodeClient;
use wings_client::wire::backups::{CreateBackup, DeleteBackup};

use super::probe::{Found, archive_on_node};
use super::verify::{Arrived, adopt_upload, drop_upload, verify};
use super::{
    Ending, Progress, again, end_failed, end_successful, finish, follows, interruptions, load,
    note, record_arrival, record_call, says, take_call_back,
};
use crate::backups::{disk_of, state_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, Node};
use crate::operations::outcome_of;

/// How long a backup may go without news before its node or store is asked for it, and between two such looks: longer than a daemon
/// takes for the checksum of what it has packed.
const LOOK_EVERY: TimeDelta = TimeDelta::minutes(30);

/// How long a node or store that cannot be asked is waited for after the deadline.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// How often a backup is begun anew after its node's daemon was started again.
const MAX_INTERRUPTIONS: i64 = 5;

/// Brings the making of a backup one step further. It ends by the node's report, or here when it cannot be done.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn make_backup(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let Some((operation, backup)) = load(cx, id).await? else {
        return Ok(Progress::Done);
    };
    match state_of(&backup)? {
        BackupState::Creating => {
            let making = Making {
                place: node_calls::node(cx, operation.node_id).await?,
                client: node_calls::client(cx, operation.node_id).await?,
                operation,
                backup,
            };
            making.go_on(cx).await
        }
        BackupState::Verifying => verify(cx, &operation, &backup).await,
        BackupState::Successful => {
            finish(cx, id, OperationState::Succeeded, None).await?;
            Ok(Progress::Done)
        }
        BackupState::Failed => {
            let waits = cx.now() < operation.deadline_at + PATIENCE;
            if !drop_upload(cx, &backup).await? && waits {
                return Ok(Progress::Again(Duration::from_secs(60)));
            }
            finish(cx, id, OperationState::Failed, backup.error.as_deref()).await?;
            Ok(Progress::Done)
        }
    }
}

struct Making {
    operation: Operation,
    backup: Backup,
    place: Node,
    client: NodeClient,
}

impl Making {
    async fn go_on(&self, cx: &Cx) -> Result<Progress, Error> {
        let now = cx.now();
        if self.operation.called_at.is_some() && says(&self.operation, "unknown") {
            return self.find_out(cx).await;
        }
        let overdue = self.operation.deadline_at <= now;
        if let Some(called) = self.operation.called_at {
            if overdue || called + LOOK_EVERY <= now {
                return self.look(cx, overdue).await;
            }
            return Ok(Progress::Done);
        }
        if overdue {
            return self.fail(cx, "the node did not get it done in time").await;
        }
        if interruptions(&self.operation) > 0 {
            if interruptions(&self.operation) > MAX_INTERRUPTIONS {
                let reason =
                    "the node's daemon was started again and again while it made the backup";
                return self.fail(cx, reason).await;
            }
            if let Some(progress) = self.clear_up(cx).await? {
                return Ok(progress);
            }
        }
        self.call(cx).await
    }

    /// Removes what an interrupted daemon has left: Calagopus refuses to make a backup of an id that it has files of.
    async fn clear_up(&self, cx: &Cx) -> Result<Option<Progress>, Error> {
        if !drop_upload(cx, &self.backup).await? {
            return Ok(Some(Progress::Again(Duration::from_secs(15))));
        }
        if self.place.flavour.is_go() {
            return Ok(None);
        }
        let order = DeleteBackup {
            adapter: disk_of(&self.backup)?.adapter().to_owned(),
            foreground: Some(true),
            server: Some(self.backup.made_of.uuid()),
        };
        match self
            .client
            .delete_detached_backup(self.backup.id, &order)
            .await
        {
            Ok(()) => Ok(None),
            Err(error) => self.after(cx, outcome_of(&error), &error).await.map(Some),
        }
    }

    async fn call(&self, cx: &Cx) -> Result<Progress, Error> {
        let id = self.operation.id;
        if !record_call(cx, id).await? {
            return Ok(Progress::Done);
        }
        let order = CreateBackup {
            adapter: disk_of(&self.backup)?.adapter().to_owned(),
            uuid: self.backup.id.uuid(),
            ignore: self.backup.ignored_files.join("\n"),
        };
        cx.reach("backup.calling").await;
        let called = self.client.create_backup(self.backup.made_of, &order).await;
        cx.reach("backup.called").await;
        let error = match called {
            Ok(()) => None,
            // It is there already: an earlier call arrived after all.
            Err(error) if error.status() == Some(409) => None,
            Err(error) => Some(error),
        };
        let Some(error) = error else {
            record_arrival(cx, id).await?;
            return Ok(Progress::Done);
        };
        let outcome = outcome_of(&error);
        // Whatever it answered, it may be at it: something on the way may have answered in its place.
        if outcome == Outcome::NotSent {
            take_call_back(cx, id).await?;
        }
        self.after(cx, outcome, &error).await
    }

    /// A call was made and its answer is not known: whether the node is at it.
    async fn find_out(&self, cx: &Cx) -> Result<Progress, Error> {
        if !self.place.flavour.is_go() {
            // It is asked again, and answers 409 if it is.
            return self.call(cx).await;
        }
        match archive_on_node(cx, &self.place, &self.client, &self.backup).await? {
            Ok(Found::Bytes(_) | Found::Unknown) => {
                record_arrival(cx, self.operation.id).await?;
                Ok(Progress::Done)
            }
            Ok(Found::Nothing) => self.call(cx).await,
            Err(error) => self.after(cx, Outcome::Unknown, &error).await,
        }
    }

    /// There has been no news for long: a report may be lost. A backup that is there is not given up, also not past its deadline. The reconciler
    /// comes back to it.
    async fn look(&self, cx: &Cx, overdue: bool) -> Result<Progress, Error> {
        let now = cx.now();
        let seen: Option<(u64, DateTime<Utc>)> =
            serde_json::from_value(self.operation.details["seen"].clone()).unwrap_or(None);
        if let Some((_, at)) = seen
            && at + LOOK_EVERY > now
        {
            return Ok(Progress::Done);
        }
        let given_up = self.operation.deadline_at + PATIENCE <= now;
        let before = seen.map_or(0, |(bytes, _)| bytes);
        if disk_of(&self.backup)? == BackupDisk::S3 {
            match adopt_upload(cx, &self.backup).await? {
                Arrived::All => return Ok(Progress::Again(Duration::ZERO)),
                // Past the deadline only what the store has counts, and a store that is away may have it.
                Arrived::NotAll if overdue => {
                    return self.fail(cx, "nothing was uploaded in time").await;
                }
                Arrived::Unknown if given_up => {
                    return self.fail(cx, "the store could not be asked").await;
                }
                Arrived::Unknown if overdue => return self.note_look(cx, before).await,
                Arrived::NotAll | Arrived::Unknown => {}
            }
        }
        let on_node = disk_of(&self.backup)?.is_on_node();
        let bytes = match archive_on_node(cx, &self.place, &self.client, &self.backup).await? {
            // Of what lies elsewhere, or is of a size that nobody tells, it cannot be seen that it has come to its end: it counts when
            // its time is over.
            Ok(Found::Bytes(bytes))
                if seen.is_some() && bytes == before && (overdue || (on_node && bytes > 0)) =>
            {
                return self.adopt(cx, bytes).await;
            }
            // It has been growing ever since.
            Ok(Found::Bytes(_)) if given_up && before > 0 => {
                return self.fail(cx, "the node did not get it done in time").await;
            }
            Ok(Found::Bytes(bytes)) => bytes,
            Ok(Found::Nothing | Found::Unknown) if overdue => {
                return self.fail(cx, "the node did not get it done in time").await;
            }
            // A node that is away may have it.
            Err(error) if given_up => {
                return self.fail(cx, &error.to_string()).await;
            }
            Ok(Found::Nothing | Found::Unknown) | Err(_) => before,
        };
        self.note_look(cx, bytes).await
    }

    /// Notes what there was to see of it now.
    async fn note_look(&self, cx: &Cx, bytes: u64) -> Result<Progress, Error> {
        let seen = json!({ "seen": (bytes, cx.now()) });
        note(cx, self.operation.id, &seen).await?;
        Ok(Progress::Done)
    }

    /// The archive is there and has not grown for long, though nobody has said so.
    async fn adopt(&self, cx: &Cx, bytes: u64) -> Result<Progress, Error> {
        let completion = Completion {
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            ..Completion::default()
        };
        let ending = Ending::new(cx, Event::BackupComplete);
        let (id, completion, ending) = (self.backup.id, &completion, &ending);
        cx.write(|tx| {
            async move {
                if let Some(row) = rows::lock(tx, Scope::All, id).await? {
                    end_successful(tx, &row, completion, ending).await?;
                }
                Ok(())
            }
            .scope_boxed()
        })
        .await?;
        Ok(Progress::Done)
    }

    /// What follows a call that did not succeed.
    async fn after(
        &self,
        cx: &Cx,
        outcome: Outcome,
        error: &wings_client::Error,
    ) -> Result<Progress, Error> {
        let now = cx.now();
        tracing::info!(operation.id = %self.operation.id, backup.id = %self.backup.id, %error, "The node did not take on the backup");
        let kind = OperationKind::Backup;
        match follows(&self.operation, kind, self.place.flavour, outcome, now) {
            Next::CallAgain(at) | Next::ProbeAgain(at) => Ok(again(at, now)),
            Next::AwaitReport => Ok(Progress::Done),
            Next::End(_) => self.fail(cx, &error.to_string()).await,
        }
    }

    async fn fail(&self, cx: &Cx, error: &str) -> Result<Progress, Error> {
        let ending = Ending::new(cx, Event::BackupFail);
        let (id, ending) = (self.backup.id, &ending);
        let left = cx
            .write(|tx| {
                async move {
                    let Some(row) = rows::lock(tx, Scope::All, id).await? else {
                        return Ok(false);
                    };
                    end_failed(tx, &row, error, ending).await?;
                    Ok(row.upload.is_some())
                }
                .scope_boxed()
            })
            .await?;
        Ok(if left {
            Progress::Again(Duration::ZERO)
        } else {
            Progress::Done
        })
    }
}
