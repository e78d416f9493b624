//! Having a node delete a server, then deleting its rows.

use std::time::Duration;

use panel_domain::activity::Event;
use panel_domain::id::OperationId;
use panel_domain::operation::{Next, OperationKind, OperationState, next};
use panel_storage::{operations, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{Progress, outcome_of};
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
        return finish(cx, &operation, None).await;
    };
    drop(conn);
    let force = operation
        .details
        .get("force")
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false);
    let now = cx.now();
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
        Ok(()) => finish(cx, &operation, None).await,
        Err(error) if force => finish(cx, &operation, Some(&error.to_string())).await,
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
                    finish(cx, &operation, Some(&error.to_string())).await
                }
            }
        }
    }
}

async fn finish(
    cx: &Cx,
    operation: &operations::Operation,
    left_behind: Option<&str>,
) -> Result<Progress, Error> {
    let entry = cx.entry(
        Event::AdminServerDelete,
        json!({ "server": operation.server_id, "node": operation.node_id, "left_on_node": left_behind }),
    );
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
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
