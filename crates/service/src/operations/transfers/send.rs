//! Having the source of a transfer send a server to its destination.

use std::time::Duration;

use panel_domain::activity::Event;
use panel_domain::id::OperationId;
use panel_domain::operation::{OperationKind, OperationState, Outcome};
use panel_domain::transfer::{MAX_TRIES, SENT_AT_ONCE};
use panel_storage::operations::{self, Operation};
use panel_storage::{servers, transfers as rows};
use scoped_futures::ScopedFutureExt;
use serde::Deserialize as _;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::TransferSigner;
use wings_client::wire::files::{ArchiveFormat, CompressionLevel};
use wings_client::wire::transfers::{StartTransfer, TransferredServer};
use wings_client::{Capability, NodeClient};

use super::{TransferEnding, destination_of, give_up, note, pause, record_try, says, tries, watch};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, Node};
use crate::operations::{Progress, outcome_of};

/// How long a server waits before it is looked whether it is its turn.
const TURN: Duration = Duration::from_secs(5);

/// Brings a transfer one step further. It ends by the destination's report, or here when it cannot be done.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn transfer_server(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let mut conn = cx.read_primary().await?;
    let Some(operation) = operations::find(&mut conn, id).await? else {
        return Ok(Progress::Done);
    };
    if operation.finished_at.is_some() {
        return Ok(Progress::Done);
    }
    // Reports end those that are under way; only who has not begun waits for a turn.
    let sent = rows::count_sent(&mut conn, operation.node_id).await?;
    drop(conn);
    let destination = destination_of(&operation)?;
    let transfer = Transfer {
        source: node_calls::client(cx, operation.node_id).await?,
        source_node: node_calls::node(cx, operation.node_id).await?,
        destination: node_calls::client(cx, destination).await?,
        operation,
    };
    transfer.go_on(cx, sent).await
}

/// A transfer that somebody works on.
pub(super) struct Transfer {
    pub(super) operation: Operation,
    pub(super) source: NodeClient,
    pub(super) source_node: Node,
    pub(super) destination: NodeClient,
}

impl Transfer {
    async fn go_on(&self, cx: &Cx, sent: i64) -> Result<Progress, Error> {
        let operation = &self.operation;
        if operation.deadline_at <= cx.now() {
            let late = "it was not done in time";
            return self.end(cx, OperationState::Expired, late).await;
        }
        if operation.details["interrupted"].is_number() {
            let reason = "the daemon of one of the nodes was started again meanwhile";
            return self.end(cx, OperationState::Failed, reason).await;
        }
        if operation.called_at.is_none() {
            if sent >= SENT_AT_ONCE {
                return Ok(Progress::Again(TURN));
            }
            return self.begin(cx).await;
        }
        if says(operation, "unknown") {
            return self.probe(cx).await;
        }
        watch::look(cx, self).await
    }

    /// The destination is asked first: one that cannot be reached, or that has a copy already, would refuse what is sent to it, and not every
    /// source looks at that.
    async fn begin(&self, cx: &Cx) -> Result<Progress, Error> {
        match self.destination.server(self.operation.server_id).await {
            Ok(_) => {
                let reason = "the destination has a copy of this server already";
                self.end(cx, OperationState::Failed, reason).await
            }
            Err(error) if error.is_not_found() => self.call(cx, false).await,
            Err(error) => {
                record_try(cx, self.operation.id, None, &json!({})).await?;
                self.again(cx, &error).await
            }
        }
    }

    /// Nobody knows whether the source was told: a server that arrives, or is being sent, says so.
    async fn probe(&self, cx: &Cx) -> Result<Progress, Error> {
        let (id, server) = (self.operation.id, self.operation.server_id);
        let capabilities = self.source_node.capabilities();
        let is_sending = if capabilities.has(Capability::TransferProgress) {
            self.source
                .transfers()
                .await
                .map(|all| all.contains_key(&server.uuid()))
        } else {
            Ok(false)
        };
        let arrives = match (is_sending, self.destination.server(server).await) {
            (Ok(true), _) | (_, Ok(_)) => true,
            (Err(error), Err(_)) => return self.again_after_probe(cx, &error).await,
            (Ok(false), Err(error)) if error.is_not_found() => false,
            (Ok(false), Err(error)) => return self.again_after_probe(cx, &error).await,
        };
        if arrives {
            note(cx, id, &json!({ "unknown": false })).await?;
            return Ok(Progress::Done);
        }
        // Those that cannot say whether they send are locked while they do, so that a second call comes to nothing.
        self.call(cx, true).await
    }

    async fn call(&self, cx: &Cx, perhaps_called: bool) -> Result<Progress, Error> {
        let id = self.operation.id;
        let order = self.order(cx)?;
        let now = cx.now();
        // Until the answer is noted nobody knows whether the call has arrived: whoever calls may be killed at any moment.
        if !record_try(cx, id, Some(now), &json!({ "unknown": true })).await? {
            return Ok(Progress::Done);
        }
        cx.reach("transfer.calling").await;
        let called = self
            .source
            .start_transfer(self.operation.server_id, &order)
            .await;
        cx.reach("transfer.called").await;
        let error = match called {
            Ok(()) => None,
            Err(error) if perhaps_called && error.status() == Some(409) => None,
            Err(error) => Some(error),
        };
        let Some(error) = error else {
            note(cx, id, &json!({ "unknown": false })).await?;
            return Ok(Progress::Done);
        };
        let outcome = outcome_of(&error);
        let busy = error.status() == Some(409);
        if outcome == Outcome::Refused && !busy {
            let reason = error.to_string();
            return self.end(cx, OperationState::Failed, &reason).await;
        }
        // A daemon in Go that could not stop the server says so by 500, and others answer so for it: what has begun then, nobody knows. Whether
        // an earlier call has arrived, no answer to this one says.
        let nothing_done = busy || error.is_unauthorized() || outcome == Outcome::NotSent;
        if nothing_done && !perhaps_called {
            self.not_begun(cx).await?;
        }
        self.again(cx, &error).await
    }

    fn order(&self, cx: &Cx) -> Result<StartTransfer, Error> {
        let server = self.operation.server_id;
        let signer = TransferSigner {
            destination: self.destination.target(),
            issuer: &cx.app().options().url,
            server,
        };
        let token = signer
            .transfer(cx.now(), Uuid::new_v4())
            .map_err(Error::internal)?;
        let details = &self.operation.details;
        let level = Option::<CompressionLevel>::deserialize(&details["compression_level"]);
        Ok(StartTransfer {
            url: address(&self.destination.target().url),
            token: format!("Bearer {token}"),
            server: TransferredServer {
                uuid: server.uuid(),
                start_on_completion: false,
            },
            server_id: server.uuid(),
            backups: Vec::<Uuid>::deserialize(&details["backups"]).map_err(Error::internal)?,
            // A daemon would delete them before it is known that they have arrived: the panel does it, when they have.
            delete_backups: false,
            archive_format: ArchiveFormat::deserialize(&details["archive_format"])
                .map_err(Error::internal)?,
            compression_level: level.map_err(Error::internal)?,
            multiplex_streams: details["multiplex_channels"].as_u64().unwrap_or(0),
        })
    }

    async fn not_begun(&self, cx: &Cx) -> Result<(), Error> {
        let id = self.operation.id;
        cx.write(|tx| {
            async move {
                operations::take_call_back(tx, id).await?;
                Ok(())
            }
            .scope_boxed()
        })
        .await
    }

    async fn again_after_probe(
        &self,
        cx: &Cx,
        error: &wings_client::Error,
    ) -> Result<Progress, Error> {
        let called_at = self.operation.called_at;
        record_try(cx, self.operation.id, called_at, &json!({})).await?;
        self.again(cx, error).await
    }

    /// Tries again soon, unless that was tried often enough: a server that is on its way cannot be used.
    async fn again(&self, cx: &Cx, error: &wings_client::Error) -> Result<Progress, Error> {
        tracing::info!(operation.id = %self.operation.id, server.id = %self.operation.server_id, %error, "A server was not sent on its way");
        if tries(&self.operation) >= MAX_TRIES {
            return self
                .end(cx, OperationState::Failed, &error.to_string())
                .await;
        }
        let delay = pause(&self.operation, OperationKind::Transfer);
        Ok(Progress::Again(delay))
    }

    /// Ends the transfer; the server stays where it is.
    pub(super) async fn end(
        &self,
        cx: &Cx,
        state: OperationState,
        reason: &str,
    ) -> Result<Progress, Error> {
        let ending = TransferEnding::new(cx, self.operation.server_id, Event::TransferFail);
        let (id, ending) = (self.operation.id, &ending);
        let server = self.operation.server_id;
        cx.write(|tx| {
            async move {
                let Some(row) = servers::lock(tx, server).await? else {
                    return Ok(());
                };
                // What was noted since the job began decides whether there may be a copy.
                let open = operations::find(tx, id).await?;
                let Some(open) = open.filter(|open| open.finished_at.is_none()) else {
                    return Ok(());
                };
                give_up(tx, &row, &open, state, reason, ending).await
            }
            .scope_boxed()
        })
        .await?;
        Ok(Progress::Done)
    }
}

/// Where a node takes servers of others.
fn address(node: &Url) -> String {
    let mut url = node.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["api", "transfers"]);
    }
    url.into()
}
