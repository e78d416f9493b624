//! Moving servers between nodes: having the source send, watching what arrives, and removing the copy that is left.

mod discard;
mod ends;
mod send;
mod watch;

pub use discard::discard_copy;
pub(crate) use ends::{TransferEnding, arrive, discard_again, give_up};
pub use send::transfer_server;

use std::time::Duration;

use chrono::{DateTime, Utc};
use panel_domain::id::{NodeId, OperationId};
use panel_domain::operation::OperationKind;
use panel_storage::operations::{self, Operation};
use scoped_futures::ScopedFutureExt;
use serde_json::Value;

use crate::cx::Cx;
use crate::error::Error;

/// Whether the operation's details say so.
fn says(operation: &Operation, name: &str) -> bool {
    operation.details[name].as_bool().unwrap_or(false)
}

/// The time that the operation's details name.
fn time_of(operation: &Operation, name: &str) -> Option<DateTime<Utc>> {
    operation.details[name].as_str()?.parse().ok()
}

/// The node that the operation's details name.
fn node_of(operation: &Operation, name: &str) -> Option<NodeId> {
    operation.details[name].as_str()?.parse().ok()
}

/// Where a transfer goes.
fn destination_of(operation: &Operation) -> Result<NodeId, Error> {
    operation
        .destination_node_id
        .ok_or_else(|| Error::internal(format!("transfer {} goes nowhere", operation.id)))
}

/// Notes another try of an operation, and that its node is about to be called if it is. `false`: it has ended meanwhile.
async fn record_try(
    cx: &Cx,
    id: OperationId,
    called_at: Option<DateTime<Utc>>,
    details: &Value,
) -> Result<bool, Error> {
    cx.write(|tx| {
        async move {
            Ok(operations::record_attempt(tx, id, called_at).await?
                && operations::note(tx, id, details).await?)
        }
        .scope_boxed()
    })
    .await
}

/// Adds to what is noted about an operation. `false`: it has ended meanwhile.
async fn note(cx: &Cx, id: OperationId, details: &Value) -> Result<bool, Error> {
    cx.write(|tx| async move { Ok(operations::note(tx, id, details).await?) }.scope_boxed())
        .await
}

/// How many tries this one makes.
fn tries(operation: &Operation) -> u32 {
    u32::try_from(operation.attempts.saturating_add(1)).unwrap_or(u32::MAX)
}

/// How long until the next try.
fn pause(operation: &Operation, kind: OperationKind) -> Duration {
    let jitter = u32::try_from(operation.id.uuid().as_u128() & 0xffff).unwrap_or(0);
    let delay = kind.retry().delay(tries(operation), jitter);
    delay.to_std().unwrap_or_default()
}
