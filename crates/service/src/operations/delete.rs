//! Having a node delete a server, then deleting its rows.

use std::time::Duration;

use chrono::TimeDelta;
use panel_domain::activity::Event;
use panel_domain::id::{OperationId, ServerId};
use panel_domain::node::Flavour;
use panel_domain::operation::{Next, OperationKind, OperationState, next};
use panel_storage::backups::{self, Scope};
use panel_storage::{operations, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{Progress, outcome_of};
use crate::backups::{Doomed, condemn};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::remote::touched;

/// Brings the deletion of a server one step further. The node forgets it first; then its rows go and its addresses are free.
/// With `force` in its details, or past its deadline, it does not wait for the node: what may be left there is logged.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn delete_server(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let mut conn = cx.read_primary().await?;
    let Some(operation) = operations::find(&mut conn, id).await? else {
        return Ok(Progress::Done);
    };
    if operation.finished_at.is_some() {
        return Ok(Progress::Done);
    }
    let Some(server) = servers::find(&mut conn, servers::Scope::All, operation.server_id).await?
    else {
        return finish(cx, &operation, None, false).await;
    };
    drop(conn);
    let force = operation
        .details
        .get("force")
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false);
    let now = cx.now();
    let with_backups = operation
        .details
        .get("delete_backups")
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false);
    if with_backups
        && delete_backups(cx, server.id, force).await?
        && !force
        && operation.created_at + PATIENCE > now
    {
        return Ok(Progress::Again(Duration::from_secs(2)));
    }
    cx.write(|tx| {
        async move { Ok(operations::record_attempt(tx, id, Some(now)).await?) }.scope_boxed()
    })
    .await?;
    let place = node_calls::node(cx, server.node_id).await?;
    let called = cx
        .parts()
        .nodes
        .node(place.target.clone())
        .delete_server(server.id)
        .await;
    cx.parts().failpoints.reach("delete.called").await;
    match called {
        Ok(()) => {
            let along = place.flavour == Flavour::Pelican;
            finish(cx, &operation, None, along).await
        }
        Err(error) if force => finish(cx, &operation, Some(&error.to_string()), false).await,
        Err(error) => {
            let attempts = u32::try_from(operation.attempts.saturating_add(1)).unwrap_or(1);
            let jitter = u32::try_from(operation.id.uuid().as_u128() & 0xffff).unwrap_or(0);
            // A refusal does not take back that the server is to go: an administrator can force it.
            let outcome = match outcome_of(&error) {
                panel_domain::operation::Outcome::Refused => {
                    panel_domain::operation::Outcome::TryLater
                }
                other => other,
            };
            match next(
                OperationKind::Delete,
                place.flavour,
                outcome,
                attempts,
                operation.deadline_at,
                now,
                jitter,
            ) {
                Next::CallAgain(at) | Next::ProbeAgain(at) => Ok(Progress::Again(
                    (at - now).to_std().unwrap_or(Duration::from_secs(1)),
                )),
                Next::AwaitReport | Next::End(_) => {
                    finish(cx, &operation, Some(&error.to_string()), false).await
                }
            }
        }
    }
}

/// How long the backups of a server are waited for that go with it: the daemons in Go delete those of servers that they have only.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Has all backups of a server deleted. `true`: some are not gone yet, and may be.
async fn delete_backups(cx: &Cx, server: ServerId, force: bool) -> Result<bool, Error> {
    let left = backups::all_of(&mut cx.read_primary().await?, server).await?;
    for backup in left.iter().filter(|backup| backup.deleting_at.is_none()) {
        let doomed = Doomed {
            force,
            ..Doomed::new(cx)
        };
        let (id, doomed) = (backup.id, &doomed);
        let condemned = cx
            .write(|tx| {
                async move {
                    match backups::lock(tx, Scope::All, id).await? {
                        Some(row) => condemn(cx, tx, &row, doomed).await,
                        None => Ok(()),
                    }
                }
                .scope_boxed()
            })
            .await;
        match condemned {
            // It is being put back on another server. When that takes longer than is waited for, it stays, and belongs to nobody.
            Ok(()) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(left.iter().any(|backup| backup.deletion_error.is_none()))
}

/// `along`: the node has deleted the archives that it kept of the server, too.
async fn finish(
    cx: &Cx,
    operation: &operations::Operation,
    left_behind: Option<&str>,
    along: bool,
) -> Result<Progress, Error> {
    let entry = cx.entry(
        Event::AdminServerDelete,
        json!({ "server": operation.server_id, "node": operation.node_id, "left_on_node": left_behind }),
    );
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            if along {
                backups::discard_local(tx, operation.node_id, operation.server_id, now);
            }
            servers::delete(tx, operation.server_id).await?;
            let state = if left_behind.is_some() {
                OperationState::Expired
            } else {
                OperationState::Succeeded
            };
            if operations::finish(tx, operation.id, state.as_str(), left_behind, now).await? {
                entry.record(tx);
            }
            touched(tx, operation.server_id);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(Progress::Done)
}
