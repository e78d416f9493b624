//! Having a node create and install a server, or install it again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::id::OperationId;
use panel_domain::operation::{Next, OperationKind, OperationState, Outcome, next};
use panel_storage::{operations, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use wings_client::NodeClient;
use wings_client::wire::server::CreateServer;

use super::{Progress, outcome_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::remote::end_install;

/// Brings an install or reinstall one step further. It ends by the node's report, or here when it cannot be done.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn install_server(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let mut conn = cx.read_primary().await?;
    let Some(operation) = operations::find(&mut conn, id).await? else {
        return Ok(Progress::Done);
    };
    if operation.finished_at.is_some() {
        return Ok(Progress::Done);
    }
    let Ok(kind) = operation.kind.parse::<OperationKind>() else {
        return Err(Error::internal(format!(
            "operation {id} is of no known kind"
        )));
    };
    let Some(server) = servers::find(&mut conn, servers::Scope::All, operation.server_id).await?
    else {
        end(
            cx,
            &operation,
            OperationState::Cancelled,
            "the server is gone",
        )
        .await?;
        return Ok(Progress::Done);
    };
    drop(conn);
    let now = cx.now();
    if operation.deadline_at <= now {
        fail(cx, &operation, "the node did not get it done in time").await?;
        return Ok(Progress::Done);
    }
    let place = node_calls::node(cx, operation.node_id).await?;
    let node = cx.parts().nodes.node(place.target.clone());

    if operation.called_at.is_some() {
        match arrived(&node, &operation, kind).await {
            Ok(true) => return Ok(Progress::Done),
            Ok(false) => {}
            Err(error) => {
                return after(
                    cx,
                    &operation,
                    kind,
                    place.flavour,
                    outcome_of(&error),
                    &error.to_string(),
                )
                .await;
            }
        }
    }
    if !record_call(cx, id, Some(now)).await? {
        return Ok(Progress::Done);
    }
    let failpoints = &cx.parts().failpoints;
    failpoints.reach("install.calling").await;
    let called = match kind {
        OperationKind::Install => {
            let create = CreateServer {
                uuid: server.id.uuid(),
                start_on_completion: server.start_on_completion,
                skip_scripts: server.skip_egg_scripts,
            };
            node.create_server(&create).await
        }
        _ => {
            let truncate = operation
                .details
                .get("truncate")
                .and_then(serde_json::Value::as_bool)
                .unwrap_or(false);
            node.reinstall_server(server.id, truncate, None).await
        }
    };
    failpoints.reach("install.called").await;
    match called {
        Ok(()) => Ok(Progress::Done),
        // It is there already: an earlier call arrived after all, and its installation is under way or over.
        Err(error) if error.status() == Some(409) && kind == OperationKind::Install => {
            Ok(Progress::Done)
        }
        Err(error) => {
            let outcome = if error.status() == Some(409) {
                Outcome::TryLater
            } else {
                outcome_of(&error)
            };
            if outcome == Outcome::NotSent {
                record_call(cx, id, None).await?;
            }
            after(
                cx,
                &operation,
                kind,
                place.flavour,
                outcome,
                &error.to_string(),
            )
            .await
        }
    }
}

/// Whether an earlier call reached the node.
async fn arrived(
    node: &NodeClient,
    operation: &operations::Operation,
    kind: OperationKind,
) -> Result<bool, wings_client::Error> {
    match node.server(operation.server_id).await {
        // A server that is to be installed again was there before, so its being there says nothing. A second call then
        // meets the lock of the first (409) or installs once more, which is what was asked for.
        Ok(_) => Ok(kind == OperationKind::Install),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// What follows a call that did not succeed.
async fn after(
    cx: &Cx,
    operation: &operations::Operation,
    kind: OperationKind,
    flavour: panel_domain::node::Flavour,
    outcome: Outcome,
    error: &str,
) -> Result<Progress, Error> {
    let attempts = u32::try_from(operation.attempts.saturating_add(1)).unwrap_or(1);
    let jitter = u32::try_from(operation.id.uuid().as_u128() & 0xffff).unwrap_or(0);
    let now = cx.now();
    tracing::info!(operation.id = %operation.id, server.id = %operation.server_id, error, "The node did not take on the installation");
    match next(
        kind,
        flavour,
        outcome,
        attempts,
        operation.deadline_at,
        now,
        jitter,
    ) {
        Next::CallAgain(at) | Next::ProbeAgain(at) => Ok(Progress::Again(wait(at, now))),
        Next::AwaitReport => Ok(Progress::Done),
        Next::End(_) => {
            fail(cx, operation, error).await?;
            Ok(Progress::Done)
        }
    }
}

fn wait(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default()
}

async fn record_call(
    cx: &Cx,
    id: OperationId,
    called_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    cx.write(|tx| {
        async move { Ok(operations::record_attempt(tx, id, called_at).await?) }.scope_boxed()
    })
    .await
}

async fn end(
    cx: &Cx,
    operation: &operations::Operation,
    state: OperationState,
    error: &str,
) -> Result<(), Error> {
    let (id, now) = (operation.id, cx.now());
    cx.write(|tx| {
        async move {
            operations::finish(tx, id, state.as_str(), Some(error), now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Ends an installation that did not succeed.
pub(super) async fn fail(
    cx: &Cx,
    operation: &operations::Operation,
    error: &str,
) -> Result<(), Error> {
    let entry = cx
        .entry(Event::InstallFail, json!({ "error": error }))
        .on(operation.server_id);
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let Some(server) = servers::lock(tx, operation.server_id).await? else {
                return Ok(());
            };
            if end_install(tx, &server, false, Some(error), now).await? {
                entry.record(tx);
            } else {
                operations::finish(
                    tx,
                    operation.id,
                    OperationState::Failed.as_str(),
                    Some(error),
                    now,
                )
                .await?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
