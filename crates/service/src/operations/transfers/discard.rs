//! Removing the copy of a server from a node that it has left, or that it did not come to.

use panel_domain::activity::Event;
use panel_domain::id::{BackupId, OperationId};
use panel_domain::node::Flavour;
use panel_domain::operation::{OperationKind, OperationState};
use panel_domain::transfer::{TIME_TO_STOP, is_enough};
use panel_storage::backups::{self, Scope};
use panel_storage::operations::{self, Operation};
use panel_storage::servers::{self, Server};
use scoped_futures::ScopedFutureExt;
use serde::Deserialize as _;
use serde_json::{Value, json};
use uuid::Uuid;
use wings_client::wire::backups::DeleteBackup;
use wings_client::{Capability, NodeClient};

use super::{node_of, note, pause, record_try, says, time_of};
use crate::backups::disk_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, Node};
use crate::operations::Progress;

/// What is noted of a copy that a daemon in Go has forgotten: its files may be there all the same.
const FORGOTTEN: &str = "the node does not know the copy any more; files of it may be left there";

/// Brings the removal of a server's copy one step further: of the old one when the server has arrived, of what has arrived when it is to stay. Past
/// its deadline the copy stays, and the administration's log says so.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn discard_copy(cx: &Cx, id: OperationId) -> Result<Progress, Error> {
    let mut conn = cx.read_primary().await?;
    let Some(operation) = operations::find(&mut conn, id).await? else {
        return Ok(Progress::Done);
    };
    if operation.finished_at.is_some() {
        return Ok(Progress::Done);
    }
    let server = servers::find(&mut conn, servers::Scope::All, operation.server_id).await?;
    drop(conn);
    let now = cx.now();
    if let Some(not_before) = time_of(&operation, "not_before")
        && not_before > now
    {
        return Ok(Progress::Again(
            (not_before - now).to_std().unwrap_or_default(),
        ));
    }
    let copy = Copy {
        client: node_calls::client(cx, operation.node_id).await?,
        place: node_calls::node(cx, operation.node_id).await?,
        operation,
        server,
    };
    copy.go_on(cx).await
}

struct Copy {
    operation: Operation,
    /// The server, unless it was deleted since.
    server: Option<Server>,
    client: NodeClient,
    place: Node,
}

/// What a step came to.
enum Step {
    /// The next one may be done.
    Next,
    /// It is to be tried again, because of this.
    Later(String),
}

impl Copy {
    async fn go_on(&self, cx: &Cx) -> Result<Progress, Error> {
        let node = self.operation.node_id;
        let belongs =
            |server: &Server| server.node_id == node || server.destination_node_id == Some(node);
        if self.server.as_ref().is_some_and(belongs) {
            let reason = "the server is on this node";
            return self
                .finish(cx, OperationState::Cancelled, Some(reason))
                .await;
        }
        let steps = self.steps(cx).await?;
        match steps {
            Ok(remark) => self.finish(cx, OperationState::Succeeded, remark).await,
            Err(error) if self.operation.deadline_at <= cx.now() => {
                self.finish(cx, OperationState::Expired, Some(&error)).await
            }
            Err(error) => {
                tracing::info!(operation.id = %self.operation.id, server.id = %self.operation.server_id, error, "A copy of a server is not removed yet");
                let called_at = self.operation.called_at;
                record_try(cx, self.operation.id, called_at, &json!({ "waits": error })).await?;
                Ok(Progress::Again(pause(
                    &self.operation,
                    OperationKind::DiscardCopy,
                )))
            }
        }
    }

    /// All that is to be done, with what may be left behind all the same; inside, what is in the way.
    async fn steps(&self, cx: &Cx) -> Result<Result<Option<&'static str>, String>, Error> {
        if says(&self.operation, "stop") {
            if let Step::Later(error) = self.stop_source(cx).await? {
                return Ok(Err(error));
            }
            // A node that is still taking it in ends that first.
            let capabilities = self.place.capabilities();
            if capabilities.has(Capability::CancelIncomingTransfer)
                && let Err(error) = self
                    .client
                    .cancel_incoming_transfer(self.operation.server_id)
                    .await
            {
                return Ok(Err(error.to_string()));
            }
        }
        let here = match self.client.server(self.operation.server_id).await {
            Ok(here) => Some(here),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let remark = match here {
            None if self.place.flavour.is_go() && self.operation.called_at.is_none() => {
                Some(FORGOTTEN)
            }
            None => None,
            Some(here) => {
                let step = self.remove(cx, here.utilization.disk_bytes).await?;
                if let Step::Later(error) = step {
                    return Ok(Err(error));
                }
                None
            }
        };
        match self.remove_backups(cx).await? {
            Step::Next => Ok(Ok(remark)),
            Step::Later(error) => Ok(Err(error)),
        }
    }

    /// Tells the source to stop sending what nobody waits for any more. One that cannot be reached for long is not waited for.
    async fn stop_source(&self, cx: &Cx) -> Result<Step, Error> {
        if let Some(source) = node_of(&self.operation, "source") {
            let client = match node_calls::client(cx, source).await {
                Ok(client) => Some(client),
                Err(Error::NotFound { .. }) => None,
                Err(error) => return Err(error),
            };
            cx.reach("transfer.stopping").await;
            if let Some(client) = client
                && let Err(error) = client
                    .cancel_outgoing_transfer(self.operation.server_id)
                    .await
                && self.operation.created_at + TIME_TO_STOP > cx.now()
            {
                return Ok(Step::Later(error.to_string()));
            }
        }
        // From now on the server may be sent on its way again, and must not be stopped on that.
        note(cx, self.operation.id, &json!({ "stop": false })).await?;
        Ok(Step::Next)
    }

    /// Removes the copy. The old one of a server goes only when the panel has seen for itself that the server is somewhere else.
    async fn remove(&self, cx: &Cx, bytes: i64) -> Result<Step, Error> {
        let id = self.operation.server_id;
        let moved = time_of(&self.operation, "not_before").is_some();
        if let Some(server) = self.server.as_ref().filter(|_| moved) {
            let home = node_calls::client(cx, server.node_id).await?;
            match home.server(id).await {
                Ok(there) if is_enough(there.utilization.disk_bytes, bytes) => {}
                Ok(there) => {
                    let there = there.utilization.disk_bytes;
                    return Ok(Step::Later(format!(
                        "the node that the server is on has {there} bytes of it, this one {bytes}"
                    )));
                }
                Err(error) => {
                    return Ok(Step::Later(format!(
                        "the node that the server is on does not have it: {error}"
                    )));
                }
            }
        }
        let now = cx.now();
        if !record_try(cx, self.operation.id, Some(now), &json!({})).await? {
            return Ok(Step::Later("it has ended meanwhile".to_owned()));
        }
        cx.reach("discard.calling").await;
        let deleted = self.client.delete_server(id).await;
        cx.reach("discard.called").await;
        Ok(match deleted {
            Ok(()) => Step::Next,
            Err(error) => Step::Later(error.to_string()),
        })
    }

    /// Removes the copies of backups that went along with the server, if somebody wanted that.
    async fn remove_backups(&self, cx: &Cx) -> Result<Step, Error> {
        let wanted = match &self.operation.details["backups"] {
            Value::Null => Vec::new(),
            listed => Vec::<Uuid>::deserialize(listed).map_err(Error::internal)?,
        };
        if !self
            .place
            .capabilities()
            .has(Capability::BackupsWithoutServer)
        {
            // Pelican deletes them with the server; Pterodactyl sends none along.
            return Ok(Step::Next);
        }
        for id in wanted {
            let found = {
                let mut conn = cx.read_primary().await?;
                backups::find(&mut conn, Scope::All, BackupId::from_uuid(id)).await?
            };
            // One that has come back to this node is not a copy any more.
            let Some(backup) = found.filter(|row| row.node_id != Some(self.operation.node_id))
            else {
                continue;
            };
            let newest = self.place.capabilities().has(Capability::BackupQuery);
            let order = DeleteBackup {
                adapter: disk_of(&backup)?.adapter().to_owned(),
                foreground: newest.then_some(true),
                server: newest.then_some(backup.made_of.uuid()),
            };
            if let Err(error) = self.client.delete_detached_backup(backup.id, &order).await {
                return Ok(Step::Later(error.to_string()));
            }
        }
        Ok(Step::Next)
    }

    async fn finish(
        &self,
        cx: &Cx,
        state: OperationState,
        error: Option<&str>,
    ) -> Result<Progress, Error> {
        let operation = &self.operation;
        let left = cx.entry(
            Event::AdminServerCopyLeft,
            json!({ "server": operation.server_id, "node": operation.node_id, "error": error }),
        );
        // Its daemon deletes the archives of a server along with it.
        let along = self.place.flavour == Flavour::Pelican
            && time_of(operation, "not_before").is_some()
            && state == OperationState::Succeeded;
        let (left, now) = (&left, cx.now());
        cx.write(|tx| {
            async move {
                if !operations::finish(tx, operation.id, state.as_str(), error, now).await? {
                    return Ok(());
                }
                if along {
                    backups::discard_local(tx, operation.node_id, operation.server_id, now);
                }
                if state == OperationState::Expired {
                    left.record(tx);
                }
                Ok(())
            }
            .scope_boxed()
        })
        .await?;
        Ok(Progress::Done)
    }
}
