//! Servers that move between nodes: what is kept for them where they go, and what moves with them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Nullable as SqlNullable, Text, Timestamptz, Uuid as SqlUuid,
};
use panel_domain::id::{AllocationId, BackupId, NodeId, ServerId};
use uuid::Uuid;

use crate::db::{LateSql, ReadSql, Readable, Sql, Tx};
use crate::error::Error;
use crate::operations::Operation;
use crate::parts::Part;
use crate::schema::operations;

const KIND: &str = "transfer";
const DISCARD: &str = "discard_copy";

/// Sends a server on its way: from now on these addresses of the other node are kept for it. It must not be on its way already.
///
/// # Errors
/// [`Error::Conflict`] on `server_allocations_pkey` when an address is taken, [`Error::ForeignKey`] when one is not the node's.
pub async fn begin(
    tx: &mut Tx,
    server: ServerId,
    destination: NodeId,
    primary: Option<AllocationId>,
    addresses: &[AllocationId],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    tx.changed(Part::Server(server));
    let addresses: Vec<Uuid> = addresses.iter().map(|id| id.uuid()).collect();
    tx.execute(
        Sql::new("WITH kept AS (INSERT INTO server_allocations (server_id, node_id, destination, created_at, allocation_id) SELECT ")
            .bind::<SqlUuid, _>(server.uuid())
            .sql(", ")
            .bind::<SqlUuid, _>(destination.uuid())
            .sql(", true, ")
            .bind::<Timestamptz, _>(now)
            .sql(", unnest(")
            .bind::<Array<SqlUuid>, _>(addresses)
            .sql(")) UPDATE servers SET destination_node_id = ")
            .bind::<SqlUuid, _>(destination.uuid())
            .sql(", destination_allocation_id = ")
            .bind::<SqlNullable<SqlUuid>, _>(primary.map(AllocationId::uuid))
            .sql(" WHERE id = ")
            .bind::<SqlUuid, _>(server.uuid()),
    )
    .await?;
    Ok(())
}

/// A server has arrived: it is where it was going, with the addresses that were kept for it, and those that it had are free. Its row must be
/// locked, and it must be on its way.
pub async fn arrive(tx: &mut Tx, server: ServerId, now: DateTime<Utc>) -> Result<(), Error> {
    tx.changed(Part::Server(server));
    tx.execute(
        Sql::new("WITH left_behind AS (DELETE FROM server_allocations WHERE NOT destination AND server_id = ")
            .bind::<SqlUuid, _>(server.uuid())
            .sql("), kept AS (UPDATE server_allocations SET destination = false WHERE destination AND server_id = ")
            .bind::<SqlUuid, _>(server.uuid())
            .sql(
                ") UPDATE servers SET node_id = destination_node_id, allocation_id = destination_allocation_id, \
                 destination_node_id = NULL, destination_allocation_id = NULL, power_state = 'offline', power_state_at = ",
            )
            .bind::<Timestamptz, _>(now)
            .sql(" WHERE destination_node_id IS NOT NULL AND id = ")
            .bind::<SqlUuid, _>(server.uuid()),
    )
    .await?;
    Ok(())
}

/// A server stays where it is: what was kept for it elsewhere is free.
pub async fn give_up(tx: &mut Tx, server: ServerId) -> Result<(), Error> {
    tx.changed(Part::Server(server));
    tx.execute(
        Sql::new("WITH freed AS (DELETE FROM server_allocations WHERE destination AND server_id = ")
            .bind::<SqlUuid, _>(server.uuid())
            .sql(") UPDATE servers SET destination_node_id = NULL, destination_allocation_id = NULL WHERE id = ")
            .bind::<SqlUuid, _>(server.uuid()),
    )
    .await?;
    Ok(())
}

/// The last transfer of a server, however it stands.
pub async fn last(conn: &mut impl Readable, server: ServerId) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::server_id.eq(server.uuid()))
            .filter(operations::kind.eq(KIND))
            .order((operations::created_at.desc(), operations::id.desc()))
            .limit(1)
            .select(Operation::as_select()),
    )
    .await
}

/// Up to `limit` open transfers from a node and to it, the oldest first.
pub async fn of_node(
    conn: &mut impl Readable,
    node: NodeId,
    limit: i64,
) -> Result<Vec<Operation>, Error> {
    let to_it = operations::destination_node_id.is_not_distinct_from(node.uuid());
    conn.load(
        operations::table
            .filter(operations::finished_at.is_null())
            .filter(operations::kind.eq(KIND))
            .filter(operations::node_id.eq(node.uuid()).or(to_it))
            .order((operations::created_at, operations::id))
            .limit(limit)
            .select(Operation::as_select()),
    )
    .await
}

/// How many servers a node has been told to send and has not sent yet.
pub async fn count_sent(conn: &mut impl Readable, source: NodeId) -> Result<i64, Error> {
    conn.first(
        operations::table
            .filter(operations::finished_at.is_null())
            .filter(operations::kind.eq(KIND))
            .filter(operations::node_id.eq(source.uuid()))
            .filter(operations::called_at.is_not_null())
            .count(),
    )
    .await
}

/// What is in the way of sending a server to a node.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Obstacles {
    /// Backups of it that are being made, put back or deleted.
    #[diesel(sql_type = BigInt)]
    pub backups: i64,
    /// Copies of it that are yet to be removed from that node, or are perhaps still being sent somewhere.
    #[diesel(sql_type = BigInt)]
    pub copies: i64,
}

/// What is in the way of sending a server, whose row is locked, to a node.
pub async fn obstacles(
    conn: &mut impl Readable,
    server: ServerId,
    destination: NodeId,
) -> Result<Obstacles, Error> {
    let found: Option<Obstacles> = conn
        .optional(
            ReadSql::select(
                "count(*) FILTER (WHERE backup_id IS NOT NULL) AS backups, \
                 count(*) FILTER (WHERE kind = 'discard_copy' AND (details @> '{\"stop\": true}' OR node_id = ",
            )
            .bind::<SqlUuid, _>(destination.uuid())
            .sql(")) AS copies FROM operations WHERE finished_at IS NULL AND server_id = ")
            .bind::<SqlUuid, _>(server.uuid()),
        )
        .await?;
    Ok(found.unwrap_or(Obstacles {
        backups: 0,
        copies: 0,
    }))
}

/// The removal of a copy of a server from a node that is open, if there is one.
pub async fn open_discard(
    conn: &mut impl Readable,
    server: ServerId,
    node: NodeId,
) -> Result<Option<Operation>, Error> {
    conn.optional(
        operations::table
            .filter(operations::finished_at.is_null())
            .filter(operations::kind.eq(DISCARD))
            .filter(operations::server_id.eq(server.uuid()))
            .filter(operations::node_id.eq(node.uuid()))
            .select(Operation::as_select()),
    )
    .await
}

/// The servers of which a node has a copy that is yet to be removed.
pub async fn copies_on(conn: &mut impl Readable, node: NodeId) -> Result<Vec<ServerId>, Error> {
    let servers: Vec<Uuid> = conn
        .load(
            operations::table
                .filter(operations::finished_at.is_null())
                .filter(operations::kind.eq(DISCARD))
                .filter(operations::node_id.eq(node.uuid()))
                .order(operations::id)
                .select(operations::server_id),
        )
        .await?;
    Ok(servers.into_iter().map(ServerId::from).collect())
}

/// A backup that came along, as its new node tells it; what is `None` stays as it was.
#[derive(Debug, Clone)]
pub struct MovedBackup {
    /// Which.
    pub id: BackupId,
    /// `kind:digits`.
    pub checksum: Option<String>,
    /// Can be looked into.
    pub browsable: Option<bool>,
    /// Can be streamed.
    pub streaming: Option<bool>,
    /// How it is kept there.
    pub disk: Option<String>,
}

/// Backups of a server are on another node now: those that came along, and those that every node reaches.
pub async fn move_backups(
    tx: &mut Tx,
    server: ServerId,
    (source, destination): (NodeId, NodeId),
    moved: &[MovedBackup],
) -> Result<(), Error> {
    let ids: Vec<Uuid> = moved.iter().map(|backup| backup.id.uuid()).collect();
    let checksums: Vec<Option<String>> = moved.iter().map(|b| b.checksum.clone()).collect();
    let browsable: Vec<Option<bool>> = moved.iter().map(|backup| backup.browsable).collect();
    let streaming: Vec<Option<bool>> = moved.iter().map(|backup| backup.streaming).collect();
    let disks: Vec<Option<String>> = moved.iter().map(|backup| backup.disk.clone()).collect();
    tx.execute(
        Sql::new("UPDATE backups b SET node_id = ")
            .bind::<SqlUuid, _>(destination.uuid())
            .sql(
                ", checksum = coalesce(m.checksum, b.checksum), browsable = coalesce(m.browsable, b.browsable), \
                 streaming = coalesce(m.streaming, b.streaming), disk = coalesce(m.disk, b.disk) \
                 FROM backups a LEFT JOIN unnest(",
            )
            .bind::<Array<SqlUuid>, _>(ids)
            .sql(", ")
            .bind::<Array<SqlNullable<Text>>, _>(checksums)
            .sql(", ")
            .bind::<Array<SqlNullable<Bool>>, _>(browsable)
            .sql(", ")
            .bind::<Array<SqlNullable<Bool>>, _>(streaming)
            .sql(", ")
            .bind::<Array<SqlNullable<Text>>, _>(disks)
            .sql(
                ") AS m(id, checksum, browsable, streaming, disk) ON m.id = a.id \
                 WHERE b.id = a.id AND (m.id IS NOT NULL OR a.shared) AND a.deleted_at IS NULL AND a.server_id = ",
            )
            .bind::<SqlUuid, _>(server.uuid())
            .sql(" AND a.node_id = ")
            .bind::<SqlUuid, _>(source.uuid()),
    )
    .await?;
    Ok(())
}

/// A node's daemon was started again: transfers from it and to it that had begun are noted as interrupted, with COMMIT.
pub fn forget_interrupted(tx: &mut Tx, node: NodeId) {
    tx.at_commit(
        LateSql::new(
            "UPDATE operations SET details = details || '{\"interrupted\": 1}' \
             WHERE finished_at IS NULL AND called_at IS NOT NULL AND kind = 'transfer' AND (node_id = ",
        )
        .value(node.uuid())
        .sql(" OR destination_node_id = ")
        .value(node.uuid())
        .sql(")"),
    );
}
