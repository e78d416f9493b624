//! Asking every node whether it is there, so that pages can say so without asking.

use futures_util::StreamExt;
use panel_cache::Key as _;
use panel_jobs::payload::ReconcileNode;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::{nodes, schedules, servers};
use scoped_futures::ScopedFutureExt;

use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, NodeKey};

/// How many nodes are asked at once.
const AT_ONCE: usize = 32;

/// Asks every node what it is and how its servers are, and writes down what it says, or that it did not answer. A node that is
/// back after an absence gets its open operations looked at.
///
/// # Errors
/// Those of the database.
pub async fn check_nodes(cx: &Cx) -> Result<(), Error> {
    let nodes = nodes::all(&mut cx.read_primary().await?).await?;
    let mut checks = futures_util::stream::iter(nodes)
        .map(|node| async move { (node.id, check_node(cx, &node).await) })
        .buffer_unordered(AT_ONCE);
    while let Some((node, checked)) = checks.next().await {
        if let Err(error) = checked {
            tracing::warn!(node.id = %node, %error, "The state of the node could not be written down");
        }
    }
    Ok(())
}

/// Asks one node, of which the row says what was known before, and writes down what it says. Gives why it did not answer as it should, if so.
///
/// # Errors
/// Those of the database; a node that does not answer is not an error.
pub(crate) async fn check_node(
    cx: &Cx,
    node: &nodes::Node,
) -> Result<Option<wings_client::Error>, Error> {
    let id = node.id;
    let was_away = node.last_error_at > node.last_seen_at;
    let client = node_calls::client(cx, id).await?;
    let information = match client.information().await {
        Ok(information) => information,
        Err(error) => {
            let now = cx.now();
            let reason = &error.to_string();
            cx.write(|tx| {
                async move { Ok(nodes::record_unreachable(tx, id, reason, now).await?) }
                    .scope_boxed()
            })
            .await?;
            return Ok(Some(error));
        }
    };
    let is_another = node.flavour.as_deref() != Some(information.profile.flavour.as_str());
    let states = client.servers().await.unwrap_or_default();
    let now = cx.now();
    let sighting = nodes::NodeSighting {
        flavour: information.profile.flavour.as_str().to_owned(),
        version: information.profile.version.as_str().to_owned(),
        capabilities: serde_json::json!({}),
    };
    let states: Vec<_> = states
        .iter()
        .filter_map(|server| Some((server.uuid()?.into(), server.state.as_str())))
        .collect();
    let (sighting, states) = (&sighting, &states);
    cx.write(|tx| {
        async move {
            nodes::record_seen(tx, id, Some(sighting), now).await?;
            servers::record_power_states(tx, id, states, now).await?;
            if is_another {
                tx.invalidate(NodeKey(id).name());
                schedules::replan_node(tx, id, now);
            }
            if was_away {
                enqueue(
                    tx,
                    &ReconcileNode { node: id },
                    now,
                    EnqueueOptions::default(),
                )?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(None)
}
