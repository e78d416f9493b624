//! What has to happen on nodes.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{BackupId, NodeId, OperationId, ServerId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{LateSql, Readable, Tx};
use crate::error::Error;
use crate::schema::operations;
use crate::types::Nullable;

/// An operation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = operations, check_for_backend(Pg))]
pub struct Operation {
    #[diesel(deserialize_as = Uuid)]
    pub id: OperationId,
    pub kind: String,
    pub state: String,
    #[diesel(deserialize_as = Uuid)]
    pub server_id: ServerId,
    #[diesel(deserialize_as = Uuid)]
    pub node_id: NodeId,
    #[diesel(deserialize_as = Nullable<UserId>)]
    pub user_id: Option<UserId>,
    pub attempts: i32,
    pub called_at: Option<DateTime<Utc>>,
    pub deadline_at: DateTime<Utc>,
    pub details: Value,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Set for what is done with a backup. One operation of a backup is open at a time.
    #[diesel(deserialize_as = Nullable<BackupId>)]
    pub backup_id: Option<BackupId>,
    /// Set for transfers: where the server goes.
    #[diesel(deserialize_as = Nullable<NodeId>)]
    pub destination_node_id: Option<NodeId>,
}

/// The kinds of which one is open for a server at a time.
pub(crate) const LIFECYCLE: [&str; 5] = ["install", "reinstall", "delete", "restore", "transfer"];

/// The constraint that one operation of a backup is open at a time.
pub const ONE_BACKUP: &str = "operations_one_backup_key";

/// The constraint that one install, reinstall, restore, transfer or delete of a server is open at a time.
pub const ONE_LIFECYCLE: &str = "operations_one_lifecycle_key";

/// Adds an operation with COMMIT. The transaction fails with [`Error::Conflict`] on [`ONE_LIFECYCLE`] while another install,
/// reinstall, restore, transfer or delete of the server is open, and on [`ONE_BACKUP`] while another operation of the backup is.
pub fn record(tx: &mut Tx, operation: &Operation) {
    tx.at_commit(
        LateSql::new(
            "INSERT INTO operations (id, kind, state, server_id, node_id, user_id, deadline_at, details, created_at, backup_id, destination_node_id, called_at) VALUES (",
        )
        .value(operation.id.uuid())
        .sql(",")
        .value(&operation.kind)
        .sql(",")
        .value(&operation.state)
        .sql(",")
        .value(operation.server_id.uuid())
        .sql(",")
        .value(operation.node_id.uuid())
        .sql(",")
        .value(operation.user_id.map(UserId::uuid))
        .sql(",")
        .value(operation.deadline_at)
        .sql(",")
        .value(&operation.details)
        .sql(",")
        .value(operation.created_at)
        .sql(",")
        .value(operation.backup_id.map(BackupId::uuid))
        .sql(",")
        .value(operation.destination_node_id.map(NodeId::uuid))
        .sql(",")
        .value(operation.called_at)
        .sql(")"),
    );
}

/// The operation of this id.
pub async fn find(conn: &mut impl Readable, id: OperationId) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .find(id.uuid())
            .select(Operation::as_select()),
    )
    .await
}

/// The install, reinstall, restore, transfer or delete of a server that is open, if there is one.
pub async fn open_lifecycle(
    conn: &mut impl Readable,
    server: ServerId,
) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::server_id.eq(server.uuid()))
            .filter(operations::finished_at.is_null())
            .filter(operations::kind.eq_any(LIFECYCLE))
            .select(Operation::as_select()),
    )
    .await
}

/// Up to `limit` open operations, the nearest deadline first; of one node when given, what is on its way to it included.
pub async fn open(
    conn: &mut impl Readable,
    node: Option<NodeId>,
    limit: i64,
) -> Result<Vec<Operation>, Error> {
    let mut query = operations::table
        .filter(operations::finished_at.is_null())
        .into_boxed();
    if let Some(node) = node {
        let to_it = operations::destination_node_id.is_not_distinct_from(node.uuid());
        query = query.filter(operations::node_id.eq(node.uuid()).or(to_it));
    }
    conn.load(
        query
            .order(operations::deadline_at)
            .limit(limit)
            .select(Operation::as_select()),
    )
    .await
}

/// Calls off whatever install, reinstall, restore, transfer or delete of a server is open, with COMMIT.
pub fn cancel_lifecycle(tx: &mut Tx, server: ServerId, now: DateTime<Utc>) {
    tx.at_commit(
        LateSql::new("UPDATE operations SET state = 'cancelled', finished_at = ")
            .value(now)
            .sql(" WHERE finished_at IS NULL AND kind IN (")
            .values(LIFECYCLE)
            .sql(") AND server_id = ")
            .value(server.uuid()),
    );
}

/// Notes that the node was called, or is about to be, for an open operation. `false`: it has ended meanwhile.
pub async fn record_attempt(
    tx: &mut Tx,
    id: OperationId,
    called_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    let open = operations::table
        .find(id.uuid())
        .filter(operations::finished_at.is_null());
    let changed = tx
        .execute(diesel::update(open).set((
            operations::state.eq("running"),
            operations::attempts.eq(operations::attempts + 1),
            operations::called_at.eq(called_at),
        )))
        .await?;
    Ok(changed > 0)
}

/// Notes that the node was not called after all. `false`: the operation has ended meanwhile.
pub async fn take_call_back(tx: &mut Tx, id: OperationId) -> Result<bool, Error> {
    let open = operations::table
        .find(id.uuid())
        .filter(operations::finished_at.is_null());
    let none = operations::called_at.eq(None::<DateTime<Utc>>);
    Ok(tx.execute(diesel::update(open).set(none)).await? > 0)
}

/// Ends an open operation. `false`: it had ended already, and nothing changed.
pub async fn finish(
    tx: &mut Tx,
    id: OperationId,
    state: &str,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let open = operations::table
        .find(id.uuid())
        .filter(operations::finished_at.is_null());
    let changed = tx
        .execute(diesel::update(open).set((
            operations::state.eq(state.to_owned()),
            operations::error.eq(error.map(str::to_owned)),
            operations::finished_at.eq(now),
        )))
        .await?;
    Ok(changed > 0)
}

/// What is to be done with a backup, if anything is.
pub async fn open_of_backup(
    conn: &mut impl Readable,
    backup: BackupId,
) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::backup_id.eq(backup.uuid()))
            .filter(operations::finished_at.is_null())
            .select(Operation::as_select()),
    )
    .await
}

/// The last time that a backup was to be deleted.
pub async fn last_deletion(
    conn: &mut impl Readable,
    backup: BackupId,
) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::backup_id.eq(backup.uuid()))
            .filter(operations::kind.eq("delete_backup"))
            .order(operations::created_at.desc())
            .limit(1)
            .select(Operation::as_select()),
    )
    .await
}

/// The last time a backup was to be restored on a server, whichever backup it was.
pub async fn last_restore(
    conn: &mut impl Readable,
    server: ServerId,
) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::server_id.eq(server.uuid()))
            .filter(operations::kind.eq("restore"))
            .order(operations::created_at.desc())
            .limit(1)
            .select(Operation::as_select()),
    )
    .await
}

/// Adds to what is noted about an open operation, or replaces that under the same names; what else is noted stays, also what somebody
/// noted meanwhile. `false`: it has ended meanwhile.
pub async fn note(tx: &mut Tx, id: OperationId, details: &Value) -> Result<bool, Error> {
    let open = operations::table
        .find(id.uuid())
        .filter(operations::finished_at.is_null());
    let noted = operations::details.eq(operations::details.concat(details.clone()));
    let changed = tx.execute(diesel::update(open).set(noted)).await?;
    Ok(changed > 0)
}
