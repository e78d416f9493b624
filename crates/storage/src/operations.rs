//! What has to happen on nodes.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{NodeId, OperationId, ServerId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Readable, Tx};
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
}

/// Adds an operation.
///
/// # Errors
/// [`Error::Conflict`] on `operations_one_lifecycle_key` while another install, reinstall or delete of the server is open.
pub async fn insert(tx: &mut Tx, operation: &Operation) -> Result<(), Error> {
    tx.execute(diesel::insert_into(operations::table).values((
        operations::id.eq(operation.id.uuid()),
        operations::kind.eq(operation.kind.clone()),
        operations::state.eq(operation.state.clone()),
        operations::server_id.eq(operation.server_id.uuid()),
        operations::node_id.eq(operation.node_id.uuid()),
        operations::user_id.eq(operation.user_id.map(UserId::uuid)),
        operations::deadline_at.eq(operation.deadline_at),
        operations::details.eq(operation.details.clone()),
        operations::created_at.eq(operation.created_at),
    )))
    .await?;
    Ok(())
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

/// The install, reinstall or delete of a server that is open, if there is one.
pub async fn open_lifecycle(
    conn: &mut impl Readable,
    server: ServerId,
) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::server_id.eq(server.uuid()))
            .filter(operations::finished_at.is_null())
            .filter(operations::kind.eq_any(["install", "reinstall", "delete"]))
            .select(Operation::as_select()),
    )
    .await
}

/// Up to `limit` open operations, the nearest deadline first; of one node when given.
pub async fn open(
    conn: &mut impl Readable,
    node: Option<NodeId>,
    limit: i64,
) -> Result<Vec<Operation>, Error> {
    let mut query = operations::table
        .filter(operations::finished_at.is_null())
        .into_boxed();
    if let Some(node) = node {
        query = query.filter(operations::node_id.eq(node.uuid()));
    }
    conn.load(
        query
            .order(operations::deadline_at)
            .limit(limit)
            .select(Operation::as_select()),
    )
    .await
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
