//! How transfers end, whoever notices.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::id::{NodeId, ServerId};
use panel_domain::operation::{OperationKind, OperationState};
use panel_domain::transfer::GRACE;
use panel_jobs::payload::DiscardCopy;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::operations::{self, Operation};
use panel_storage::servers::Server;
use panel_storage::transfers::{self as rows, MovedBackup};
use panel_storage::{Tx, schedules};
use serde_json::{Value, json};

use super::{destination_of, says};
use crate::activity::Entry;
use crate::cx::Cx;
use crate::error::Error;
use crate::remote::touched;
use crate::servers::{operation, sync_node};

/// What is written when a transfer ends, made outside of the transaction.
pub(crate) struct TransferEnding {
    entry: Entry,
    discard: Operation,
    now: DateTime<Utc>,
}

impl TransferEnding {
    /// The end of a transfer of this server, in its log as `event`.
    pub(crate) fn new(cx: &Cx, server: ServerId, event: Event) -> Self {
        // Which node has a copy too many is known when the row is.
        let nowhere = NodeId::from_uuid(server.uuid());
        Self {
            entry: cx.entry(event, json!({})).on(server),
            discard: operation(cx, OperationKind::DiscardCopy, server, nowhere, json!({})),
            now: cx.now(),
        }
    }

    /// Has the copy removed that a node has, or may have.
    fn discard(&self, tx: &mut Tx, node: NodeId, details: Value) -> Result<(), Error> {
        let operation = Operation {
            node_id: node,
            details,
            ..self.discard.clone()
        };
        operations::record(tx, &operation);
        let job = DiscardCopy {
            operation: operation.id,
        };
        enqueue(tx, &job, self.now, EnqueueOptions::default())?;
        Ok(())
    }

    fn record(&self, tx: &mut Tx, operation: &Operation, error: Option<&str>) {
        let mut details = json!({
            "source": operation.node_id, "destination": operation.destination_node_id,
        });
        if let Some(error) = error {
            details["error"] = json!(error);
        }
        self.entry.clone().with(details).record(tx);
    }
}

/// A server, whose row is locked, has arrived where it was going, with these of its backups. Its old copy goes later.
pub(crate) async fn arrive(
    tx: &mut Tx,
    server: &Server,
    transfer: &Operation,
    moved: &[MovedBackup],
    ending: &TransferEnding,
) -> Result<(), Error> {
    let (source, destination) = (transfer.node_id, destination_of(transfer)?);
    rows::arrive(tx, server.id, ending.now).await?;
    rows::move_backups(tx, server.id, (source, destination), moved).await?;
    let state = OperationState::Succeeded.as_str();
    operations::finish(tx, transfer.id, state, None, ending.now).await?;
    let copies: Vec<Value> = match says(transfer, "delete_source_backups") {
        true => moved.iter().map(|backup| json!(backup.id)).collect(),
        false => Vec::new(),
    };
    ending.discard(
        tx,
        source,
        json!({ "not_before": ending.now + GRACE, "backups": copies }),
    )?;
    ending.record(tx, transfer, None);
    // Who runs its schedules depends on the node.
    schedules::replan_server(tx, server.id, ending.now);
    touched(tx, server.id);
    // The daemon read the configuration while the server was on its way.
    sync_node(tx, server.id, ending.now)
}

/// A server, whose row is locked, stays where it is. Where its source may have begun to send, it is told to stop, and what has arrived is removed.
pub(crate) async fn give_up(
    tx: &mut Tx,
    server: &Server,
    transfer: &Operation,
    state: OperationState,
    reason: &str,
    ending: &TransferEnding,
) -> Result<(), Error> {
    rows::give_up(tx, server.id).await?;
    operations::finish(tx, transfer.id, state.as_str(), Some(reason), ending.now).await?;
    if transfer.called_at.is_some() {
        let destination = destination_of(transfer)?;
        ending.discard(
            tx,
            destination,
            json!({ "stop": true, "source": transfer.node_id }),
        )?;
    }
    ending.record(tx, transfer, Some(reason));
    touched(tx, server.id);
    Ok(())
}

/// Something has arrived after nobody waited for it any more: it is removed, unless that is under way.
pub(crate) async fn discard_again(
    tx: &mut Tx,
    server: &Server,
    node: NodeId,
    ending: &TransferEnding,
) -> Result<(), Error> {
    let here = server.node_id == node || server.destination_node_id == Some(node);
    if here || rows::open_discard(tx, server.id, node).await?.is_some() {
        return Ok(());
    }
    ending.discard(tx, node, json!({}))
}
