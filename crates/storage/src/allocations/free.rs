//! The addresses that no server has.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text, Uuid as SqlUuid};
use panel_domain::id::{AllocationId, NodeId};
use uuid::Uuid;

use crate::db::{ReadSql, Readable, Sql, Tx};
use crate::error::Error;

/// A free address of a node, locked until the transaction ends, on the same IP address as `beside` where there is one. Those
/// that other transactions are about to take are passed over.
pub async fn pick_free(
    tx: &mut Tx,
    node: NodeId,
    beside: Option<AllocationId>,
) -> Result<Option<AllocationId>, Error> {
    use diesel::sql_types::Nullable;
    #[derive(QueryableByName)]
    struct Free {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let free: Option<Free> = tx
        .optional(
            Sql::new("SELECT a.id FROM allocations a WHERE a.node_id = ")
                .bind::<SqlUuid, _>(node.uuid())
                .sql(
                    " AND NOT EXISTS (SELECT 1 FROM server_allocations s WHERE s.allocation_id = a.id) \
                     ORDER BY a.ip IS DISTINCT FROM (SELECT b.ip FROM allocations b WHERE b.id = ",
                )
                .bind::<Nullable<SqlUuid>, _>(beside.map(AllocationId::uuid))
                .sql("), a.ip, a.port LIMIT 1 FOR UPDATE OF a SKIP LOCKED"),
        )
        .await?;
    Ok(free.map(|free| free.id.into()))
}

/// An address of a node that no server has.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Free {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub ip: String,
    #[diesel(sql_type = Integer)]
    pub port: i32,
    /// Whether a server has another port of the IP address.
    #[diesel(sql_type = Bool)]
    pub shared: bool,
}

/// Up to `limit` addresses of a node that no server has, by address and port.
pub async fn free(conn: &mut impl Readable, node: NodeId, limit: i64) -> Result<Vec<Free>, Error> {
    conn.load(
        ReadSql::select(
            "id, ip, port, shared FROM (SELECT a.id, host(a.ip) AS ip, a.ip AS address, a.port, s.allocation_id IS NOT NULL AS taken, \
             bool_or(s.allocation_id IS NOT NULL) OVER (PARTITION BY a.ip) AS shared \
             FROM allocations a LEFT JOIN server_allocations s ON s.allocation_id = a.id WHERE a.node_id = ",
        )
        .bind::<SqlUuid, _>(node.uuid())
        .sql(") known WHERE NOT taken ORDER BY address, port LIMIT ")
        .bind::<BigInt, _>(limit),
    )
    .await
}

/// Up to `count` free addresses of a node, locked until the transaction ends. Those that other transactions are about to take are passed over.
pub async fn pick_many(tx: &mut Tx, node: NodeId, count: i64) -> Result<Vec<AllocationId>, Error> {
    let free: Vec<FreePort> = tx
        .load(
            Sql::new("SELECT a.id, a.port FROM allocations a WHERE a.node_id = ")
                .bind::<SqlUuid, _>(node.uuid())
                .sql(
                    " AND NOT EXISTS (SELECT 1 FROM server_allocations s WHERE s.allocation_id = a.id) \
                     ORDER BY a.ip, a.port LIMIT ",
                )
                .bind::<BigInt, _>(count)
                .sql(" FOR UPDATE OF a SKIP LOCKED"),
        )
        .await?;
    Ok(free.into_iter().map(|free| free.id.into()).collect())
}

/// A free address of a node for each of these ports that has one, in their order, locked until the transaction ends.
pub async fn pick_ports(
    tx: &mut Tx,
    node: NodeId,
    ports: &[i32],
) -> Result<Vec<(i32, AllocationId)>, Error> {
    let free: Vec<FreePort> = tx
        .load(
            Sql::new("SELECT a.id, a.port FROM allocations a WHERE a.node_id = ")
                .bind::<SqlUuid, _>(node.uuid())
                .sql(" AND a.port = ANY(")
                .bind::<Array<Integer>, _>(ports.to_vec())
                .sql(
                    ") AND NOT EXISTS (SELECT 1 FROM server_allocations s WHERE s.allocation_id = a.id) \
                     ORDER BY a.ip, a.port FOR UPDATE OF a SKIP LOCKED",
                ),
        )
        .await?;
    let mut left = free;
    let mut picked = Vec::with_capacity(ports.len());
    for port in ports {
        if let Some(position) = left.iter().position(|free| free.port == *port) {
            picked.push((*port, left.remove(position).id.into()));
        }
    }
    Ok(picked)
}

#[derive(QueryableByName)]
struct FreePort {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    port: i32,
}
