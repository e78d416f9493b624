//! Having a node put a backup back.

use std::time::Duration;

use panel_domain::activity::Event;
use panel_domain::backup::BackupDisk;
use panel_domain::id::OperationId;
use panel_domain::operation::{Next, OperationKind, Outcome};
use panel_domain::server::Report;
use panel_storage::backups::Backup;
use panel_storage::operations::Operation;
use panel_storage::servers;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use wings_client::NodeClient;
use wings_client::wire::backups::RestoreBackup;

use super::probe::{Found, archive_on_node};
use super::{
    Progress, again, end_restore, follows, interruptions, load, record_arrival, record_call, says,
    take_call_back,
};
use crate::backups::{disk_of, key_of, open_store};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, Node};
use crate::operations::outcome_of;

/// How long the address of an archive holds that a node is to fetch. It begins at once.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Brings the restoring of a backup one step further. It ends by the node's report, or here when it cannot be done.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn restore_backup(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let Some((operation, backup)) = load(cx, id).await? else {
        return Ok(Progress::Done);
    };
    let restoring = Restoring {
        place: node_calls::node(cx, operation.node_id).await?,
        client: node_calls::client(cx, operation.node_id).await?,
        operation,
        backup,
    };
    restoring.go_on(cx).await
}

struct Restoring {
    operation: Operation,
    backup: Backup,
    place: Node,
    client: NodeClient,
}

impl Restoring {
    async fn go_on(&self, cx: &Cx) -> Result<Progress, Error> {
        if self.operation.deadline_at <= cx.now() {
            let report = if self.operation.called_at.is_some() {
                Report::RestoreFailed
            } else {
                Report::Cleared
            };
            return self
                .end(cx, report, "the node did not get it done in time")
                .await;
        }
        if interruptions(&self.operation) > 0 {
            let reason = "the node's daemon was started again while it restored the backup";
            return self.end(cx, Report::RestoreFailed, reason).await;
        }
        if self.operation.called_at.is_some() {
            if !says(&self.operation, "unknown") {
                return Ok(Progress::Done);
            }
            // A server that is being restored is locked there, so that a second call comes to nothing, and one that was
            // restored is restored once more to the same.
            match self.client.server(self.operation.server_id).await {
                Ok(_) => {}
                Err(error) if error.is_not_found() => {
                    return self.end(cx, Report::Cleared, &error.to_string()).await;
                }
                Err(error) => return self.after(cx, Outcome::Unknown, &error).await,
            }
        }
        self.call(cx).await
    }

    fn truncates(&self) -> bool {
        says(&self.operation, "truncate")
    }

    async fn call(&self, cx: &Cx) -> Result<Progress, Error> {
        let id = self.operation.id;
        let disk = disk_of(&self.backup)?;
        if disk.is_on_node() {
            // The daemons in Go delete a server's files before they notice that there is nothing to put in their place.
            match archive_on_node(cx, &self.place, &self.client, &self.backup).await? {
                Ok(Found::Nothing) => {
                    let reason = "the node does not have this backup any more";
                    return self.end(cx, Report::Cleared, reason).await;
                }
                Ok(Found::Bytes(_) | Found::Unknown) => {}
                Err(error) => return self.after(cx, outcome_of(&error), &error).await,
            }
        }
        let download_url = if disk == BackupDisk::S3 {
            match open_store(cx, &self.backup).await {
                Ok((store, _)) => {
                    let key = key_of(&self.backup);
                    let url = store.download_url(&key, None, cx.now(), LIFETIME);
                    Some(url.to_string())
                }
                Err(Error::Conflict { message, .. }) => {
                    return self.end(cx, Report::Cleared, &message).await;
                }
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        if !record_call(cx, id).await? {
            return Ok(Progress::Done);
        }
        let order = RestoreBackup {
            adapter: disk.adapter().to_owned(),
            truncate_directory: self.truncates(),
            download_url,
        };
        cx.reach("restore.calling").await;
        let called = self
            .client
            .restore_backup(self.operation.server_id, self.backup.id, &order)
            .await;
        cx.reach("restore.called").await;
        let Err(error) = called else {
            record_arrival(cx, id).await?;
            return Ok(Progress::Done);
        };
        let outcome = outcome_of(&error);
        // By the time they refuse, the daemons in Go have deleted the files, if they were to.
        let answered = error.status().is_some() && !error.is_unauthorized();
        if self.place.flavour.is_go() && self.truncates() && answered {
            return self
                .end(cx, Report::RestoreFailed, &error.to_string())
                .await;
        }
        match outcome {
            Outcome::Refused => return self.end(cx, Report::Cleared, &error.to_string()).await,
            Outcome::NotSent => {
                take_call_back(cx, id).await?;
            }
            _ => {}
        }
        self.after(cx, outcome, &error).await
    }

    async fn after(
        &self,
        cx: &Cx,
        outcome: Outcome,
        error: &wings_client::Error,
    ) -> Result<Progress, Error> {
        let now = cx.now();
        tracing::info!(operation.id = %self.operation.id, server.id = %self.operation.server_id, %error, "The node did not take on the restoring of a backup");
        let kind = OperationKind::Restore;
        match follows(&self.operation, kind, self.place.flavour, outcome, now) {
            Next::CallAgain(at) | Next::ProbeAgain(at) => Ok(again(at, now)),
            Next::AwaitReport => Ok(Progress::Done),
            Next::End(_) => {
                let report = if outcome == Outcome::Unknown {
                    Report::RestoreFailed
                } else {
                    Report::Cleared
                };
                self.end(cx, report, &error.to_string()).await
            }
        }
    }

    async fn end(&self, cx: &Cx, report: Report, error: &str) -> Result<Progress, Error> {
        end(cx, &self.operation, report, error).await?;
        Ok(Progress::Done)
    }
}

/// Ends a restore whose backup is gone: its node may have begun with it.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_without_backup(
    cx: &Cx,
    operation: &Operation,
    error: &str,
) -> Result<(), Error> {
    let report = if operation.called_at.is_some() {
        Report::RestoreFailed
    } else {
        Report::Cleared
    };
    end(cx, operation, report, error).await
}

async fn end(cx: &Cx, operation: &Operation, report: Report, error: &str) -> Result<(), Error> {
    let entry = cx.entry(Event::BackupRestoreFail, json!({}));
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            if let Some(row) = servers::lock(tx, operation.server_id).await? {
                end_restore(tx, &row, operation, report, Some(error), entry, now).await?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
