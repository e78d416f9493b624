//! Looking whether a server still arrives whose transfer has been quiet for long.

use panel_domain::operation::OperationState;
use panel_domain::transfer::PATIENCE;
use serde_json::{Value, json};
use wings_client::Capability;
use wings_client::wire::transfers::TransferProgress;

use super::send::Transfer;
use super::{note, time_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::operations::Progress;

/// Looks how far a transfer is. One of which nothing arrives for long ends: its report was lost, or one of the nodes is.
pub(super) async fn look(cx: &Cx, transfer: &Transfer) -> Result<Progress, Error> {
    let operation = &transfer.operation;
    let now = cx.now();
    let before = &operation.details["seen"];
    if let Some(seen) = seen(transfer).await
        && seen != *before
    {
        let seen = json!({ "seen": seen, "seen_at": now });
        note(cx, operation.id, &seen).await?;
        return Ok(Progress::Done);
    }
    let last = time_of(operation, "seen_at").max(operation.called_at);
    if last.is_some_and(|last| last + PATIENCE <= now) {
        let reason = "nothing has arrived for half an hour";
        return transfer.end(cx, OperationState::Failed, reason).await;
    }
    Ok(Progress::Done)
}

/// How far a transfer is, by the nodes' own words, or by what the destination has of it. `None`: nobody says.
async fn seen(transfer: &Transfer) -> Option<Value> {
    let server = transfer.operation.server_id;
    let capabilities = transfer.source_node.capabilities();
    if capabilities.has(Capability::TransferProgress) {
        let there = transfer.source.transfers().await.ok()?;
        let progress = match there.get(&server.uuid()) {
            Some(progress) => *progress,
            None => *transfer
                .destination
                .transfers()
                .await
                .ok()?
                .get(&server.uuid())?,
        };
        return Some(json!(progress));
    }
    let there = transfer.destination.server(server).await.ok()?;
    Some(json!(TransferProgress {
        network_bytes_processed: u64::try_from(there.utilization.disk_bytes).unwrap_or(0),
        ..TransferProgress::default()
    }))
}
