//! How the making and the putting back of backups ends, whoever notices.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::operation::OperationState;
use panel_domain::server::{Report, ServerStatus, Step};
use panel_jobs::payload::PruneBackups;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::Tx;
use panel_storage::backups::{self as rows, Backup, Completion};
use panel_storage::operations::{self, Operation};
use panel_storage::servers::{self, Server};
use serde_json::json;

use crate::activity::Entry;
use crate::cx::Cx;
use crate::error::Error;
use crate::remote::touched;
use crate::servers::sync_node;

/// What is written when something ends, made outside of the transaction.
pub(crate) struct Ending {
    entry: Entry,
    now: DateTime<Utc>,
}

impl Ending {
    /// The end of something that is done with a backup, in the log as `event`.
    pub(crate) fn new(cx: &Cx, event: Event) -> Self {
        Self {
            entry: cx.entry(event, json!({})),
            now: cx.now(),
        }
    }

    fn record(&self, tx: &mut Tx, backup: &Backup, error: Option<&str>) {
        // What belongs to no server is in no server's log.
        if let Some(server) = backup.server_id {
            let mut details = json!({ "backup": backup.id, "name": backup.name });
            if let Some(error) = error {
                details["error"] = json!(error);
            }
            self.entry.clone().on(server).with(details).record(tx);
        }
    }
}

/// A backup is there. `false`: that was known.
pub(crate) async fn end_successful(
    tx: &mut Tx,
    backup: &Backup,
    completion: &Completion,
    ending: &Ending,
) -> Result<bool, Error> {
    let news = rows::complete(tx, backup.id, completion, ending.now).await?;
    if let Some(open) = operations::open_of_backup(tx, backup.id).await?
        && open.kind == "backup"
    {
        let state = OperationState::Succeeded.as_str();
        operations::finish(tx, open.id, state, None, ending.now).await?;
    }
    if news && backup.state != "successful" {
        ending.record(tx, backup, None);
        if backup.backup_group_id.is_some() {
            enqueue(tx, &PruneBackups {}, ending.now, EnqueueOptions::default())?;
        }
    }
    Ok(news)
}

/// A backup could not be made. The operation stays open while something of it is to be cleaned up. `false`: it is there all the same, or
/// that was known.
pub(crate) async fn end_failed(
    tx: &mut Tx,
    backup: &Backup,
    error: &str,
    ending: &Ending,
) -> Result<bool, Error> {
    let news = rows::fail(tx, backup.id, error, ending.now).await?;
    if let Some(open) = operations::open_of_backup(tx, backup.id).await?
        && open.kind == "backup"
        && backup.upload.is_none()
    {
        let state = OperationState::Failed.as_str();
        operations::finish(tx, open.id, state, Some(error), ending.now).await?;
    }
    if news {
        ending.record(tx, backup, Some(error));
    }
    Ok(news)
}

/// Putting a backup back has ended; the server's row is locked. `Cleared` as the report: nothing was done, and the server is as it was.
/// `false`: it was not waiting for that.
pub(crate) async fn end_restore(
    tx: &mut Tx,
    server: &Server,
    operation: &Operation,
    report: Report,
    error: Option<&str>,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let state = match report {
        Report::RestoreSucceeded => OperationState::Succeeded,
        _ => OperationState::Failed,
    };
    operations::finish(tx, operation.id, state.as_str(), error, now).await?;
    let status = server
        .status
        .as_deref()
        .and_then(|status| status.parse::<ServerStatus>().ok());
    let waits = matches!(
        status,
        Some(ServerStatus::RestoringBackup | ServerStatus::BackupRestoreFailed)
    );
    let Step::To(next) = Step::after(status, report) else {
        return Ok(false);
    };
    if !waits {
        return Ok(false);
    }
    servers::change_status(
        tx,
        server.id,
        server.status.as_deref(),
        next.map(ServerStatus::as_str),
        None,
    )
    .await?;
    let mut details = json!({ "backup": operation.backup_id });
    if let Some(error) = error {
        details["error"] = json!(error);
    }
    entry.clone().on(server.id).with(details).record(tx);
    touched(tx, server.id);
    // The daemons in Go call a server unsuspended afterwards, whatever it was.
    sync_node(tx, server.id, now)?;
    Ok(true)
}
