//! Comparing what was asked of nodes with what became of it.

use std::time::Duration;

use chrono::TimeDelta;
use panel_domain::activity::Event;
use panel_domain::id::NodeId;
use panel_jobs::payload::{
    DeleteBackup, DeleteServer, DiscardCopy, InstallServer, MakeBackup, RestoreBackup,
    TransferServer,
};
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::operations::{self, Operation};
use panel_storage::servers;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use wings_client::wire::server::ServerState;

use super::Progress;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::remote::end_install;

/// How many open operations one round looks at; the nearest deadlines first.
const AT_ONCE: i64 = 200;

/// How long an installation may go without news before the node is asked whether it knows of it.
const QUIET: TimeDelta = TimeDelta::minutes(2);

/// Looks at every operation that a node was asked for and that is still open: after its daemon was started, or is back.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn reconcile_node(cx: &Cx, node: NodeId) -> Result<Progress, Error> {
    let open = operations::open(&mut cx.read_primary().await?, Some(node), AT_ONCE).await?;
    if open.is_empty() {
        return Ok(Progress::Done);
    }
    let place = node_calls::node(cx, node).await?;
    let client = cx.parts().nodes.node(place.target.clone());
    // A Go daemon says that it was started before its API listens.
    if client.information().await.is_err() {
        return Ok(Progress::Again(Duration::from_secs(2)));
    }
    for operation in open {
        match operation.kind.as_str() {
            "delete" => wake_delete(cx, &operation).await?,
            "install" | "reinstall" => {
                if place.flavour.is_go() && operation.called_at.is_some() {
                    // It forgot what it was doing; the server is there, so it is installed anew.
                    if let Err(error) = client.install_server(operation.server_id).await
                        && !error.is_not_found()
                    {
                        tracing::info!(server.id = %operation.server_id, %error, "The interrupted installation could not be begun again");
                    }
                }
                wake_install(cx, &operation).await?;
            }
            _ => wake_other(cx, &operation).await?,
        }
    }
    Ok(Progress::Done)
}

/// Looks at operations that have been quiet for long, or whose deadline has passed.
///
/// # Errors
/// Those of the database.
pub async fn reconcile_operations(cx: &Cx) -> Result<(), Error> {
    let now = cx.now();
    let open = operations::open(&mut cx.read_primary().await?, None, AT_ONCE).await?;
    for operation in open {
        let overdue = operation.deadline_at <= now;
        let quiet = operation.called_at.unwrap_or(operation.created_at) + QUIET <= now;
        if !overdue && !quiet {
            continue;
        }
        match operation.kind.as_str() {
            "delete" => wake_delete(cx, &operation).await?,
            "install" | "reinstall" => {
                if !overdue && runs_already(cx, &operation).await? {
                    continue;
                }
                wake_install(cx, &operation).await?;
            }
            _ => wake_other(cx, &operation).await?,
        }
    }
    Ok(())
}

/// A server whose process runs has been installed, though the report of it was lost: then that is written down.
async fn runs_already(cx: &Cx, operation: &Operation) -> Result<bool, Error> {
    if operation.kind != "install" || operation.called_at.is_none() {
        return Ok(false);
    }
    let client = node_calls::client(cx, operation.node_id).await?;
    let Ok(server) = client.server(operation.server_id).await else {
        return Ok(false);
    };
    if server.state == ServerState::Offline {
        return Ok(false);
    }
    let entry = cx
        .entry(Event::InstallComplete, json!({ "found_running": true }))
        .on(operation.server_id);
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let Some(row) = servers::lock(tx, operation.server_id).await? else {
                return Ok(true);
            };
            if end_install(tx, &row, true, None, now).await? {
                entry.record(tx);
            }
            Ok(true)
        }
        .scope_boxed()
    })
    .await
}

async fn wake_install(cx: &Cx, operation: &Operation) -> Result<(), Error> {
    let now = cx.now();
    let job = InstallServer {
        operation: operation.id,
    };
    let job = &job;
    cx.write(|tx| {
        async move {
            enqueue(tx, job, now, EnqueueOptions::default())?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

async fn wake_delete(cx: &Cx, operation: &Operation) -> Result<(), Error> {
    let now = cx.now();
    let job = DeleteServer {
        operation: operation.id,
    };
    let job = &job;
    cx.write(|tx| {
        async move {
            enqueue(tx, job, now, EnqueueOptions::default())?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Looks at what is to be done with a backup, or at a server on its way or a copy of one.
async fn wake_other(cx: &Cx, operation: &Operation) -> Result<(), Error> {
    let (now, options) = (cx.now(), EnqueueOptions::default());
    cx.write(|tx| {
        async move {
            let operation_id = operation.id;
            match operation.kind.as_str() {
                "backup" => {
                    let job = MakeBackup {
                        operation: operation_id,
                    };
                    enqueue(tx, &job, now, options)?;
                }
                "restore" => {
                    let job = RestoreBackup {
                        operation: operation_id,
                    };
                    enqueue(tx, &job, now, options)?;
                }
                "delete_backup" => {
                    let job = DeleteBackup {
                        operation: operation_id,
                    };
                    enqueue(tx, &job, now, options)?;
                }
                "transfer" => {
                    let job = TransferServer {
                        operation: operation_id,
                    };
                    enqueue(tx, &job, now, options)?;
                }
                "discard_copy" => {
                    let job = DiscardCopy {
                        operation: operation_id,
                    };
                    enqueue(tx, &job, now, options)?;
                }
                _ => {}
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
