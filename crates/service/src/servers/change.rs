//! What changes of a server have in common.

use panel_domain::id::{OperationId, ServerId, ServerRef};
use panel_domain::operation::{OperationKind, OperationState};
use panel_jobs::payload::{InstallServer, SyncServer};
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::operations::{self, Operation};
use panel_storage::schedules;
use panel_storage::servers::{self, Server, ServerChanges};
use panel_storage::{Readable, Tx};
use scoped_futures::ScopedFutureExt;
use serde_json::Value;

use crate::activity::Entry;
use crate::cx::Cx;
use crate::error::Error;
use crate::keys::ServerKey;

/// Makes what authorization has cached of the server invalid.
pub(crate) fn invalidate(tx: &mut Tx, id: ServerId) {
    for key in ServerKey::names(id) {
        tx.invalidate(key);
    }
}

/// Changes a server's row, writes the entry, and has the node read the server again.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn apply(
    cx: &Cx,
    id: ServerId,
    changes: ServerChanges,
    entry: Entry,
) -> Result<(), Error> {
    let now = cx.now();
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            servers::update(tx, id, changes)
                .await?
                .ok_or(Error::not_found("server"))?;
            if changes.timezone.is_some() {
                schedules::replan_server(tx, id, now);
            }
            entry.record(tx);
            invalidate(tx, id);
            sync(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}

/// Has the node read the server's configuration again, soon after the transaction.
pub(crate) fn sync(
    tx: &mut Tx,
    server: ServerId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    enqueue(tx, &SyncServer { server }, now, EnqueueOptions::default())?;
    Ok(())
}

/// An operation that is yet to be written.
pub(crate) fn operation(
    cx: &Cx,
    kind: OperationKind,
    server: ServerId,
    node: panel_domain::id::NodeId,
    details: Value,
) -> Operation {
    let now = cx.now();
    Operation {
        id: OperationId::new_v7(now),
        kind: kind.as_str().to_owned(),
        state: OperationState::Queued.as_str().to_owned(),
        server_id: server,
        node_id: node,
        user_id: cx.actor().user_id(),
        attempts: 0,
        called_at: None,
        deadline_at: now + kind.time_limit(),
        details,
        error: None,
        created_at: now,
        finished_at: None,
        backup_id: None,
        destination_node_id: None,
    }
}

/// Writes an install or reinstall and the job that has the node do it. The transaction fails with [`Error::Conflict`] while
/// something else of this kind is open for the server.
pub(crate) fn start_install(tx: &mut Tx, operation: &Operation) -> Result<(), Error> {
    operations::record(tx, operation);
    let job = InstallServer {
        operation: operation.id,
    };
    enqueue(tx, &job, operation.created_at, EnqueueOptions::default())?;
    Ok(())
}

/// The server's row, locked until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn lock(tx: &mut Tx, id: ServerId) -> Result<Server, Error> {
    servers::lock(tx, id)
        .await?
        .ok_or(Error::not_found("server"))
}

/// The id of the server that an administrator's request names, which has to exist.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn named(conn: &mut impl Readable, server: ServerRef) -> Result<ServerId, Error> {
    super::lookup::id_of(conn, server)
        .await?
        .ok_or(Error::not_found("server"))
}

/// Turns a reference to something that does not exist into a message at the field that names it.
pub(crate) trait Missing<T> {
    /// When the foreign key `constraint` was violated: `field` is invalid, because `message`.
    fn missing(self, constraint: &str, field: &str, message: &str) -> Result<T, Error>;
}

impl<T> Missing<T> for Result<T, panel_storage::Error> {
    fn missing(self, constraint: &str, field: &str, message: &str) -> Result<T, Error> {
        self.map_err(|error| match &error {
            panel_storage::Error::ForeignKey { constraint: broken } if broken == constraint => {
                Error::invalid(field, message)
            }
            _ => error.into(),
        })
    }
}
