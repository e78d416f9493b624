//! Addresses and ports of nodes.

mod free;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use ipnet::IpNet;
use panel_domain::id::{AllocationId, NodeId, ServerId};
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::{allocations, server_allocations, servers};
use crate::types::contains;

pub use free::{Free, free, pick_free, pick_many, pick_ports};

define_sql_function! {
    /// The address without its mask.
    fn host(ip: diesel::sql_types::Inet) -> diesel::sql_types::Text;
}

/// An address and port of a node.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = allocations, check_for_backend(Pg))]
pub struct Allocation {
    #[diesel(deserialize_as = Uuid)]
    pub id: AllocationId,
    #[diesel(deserialize_as = Uuid)]
    pub node_id: NodeId,
    pub ip: IpNet,
    pub port: i32,
    pub ip_alias: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// That an address is a server's.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = server_allocations, check_for_backend(Pg))]
pub struct ServerAllocation {
    #[diesel(deserialize_as = Uuid)]
    pub allocation_id: AllocationId,
    #[diesel(deserialize_as = Uuid)]
    pub server_id: ServerId,
    #[diesel(deserialize_as = Uuid)]
    pub node_id: NodeId,
    pub destination: bool,
    pub notes: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Which addresses of a node a list shows.
#[derive(Debug, Clone, Default)]
pub struct AllocationFilter {
    /// Part of the address, its alias or its port.
    pub search: Option<String>,
    /// Only those that a server has, or only those that none has.
    pub assigned: Option<bool>,
    /// Only on this address.
    pub ip: Option<IpNet>,
    /// Only from this port on.
    pub port_from: Option<u16>,
    /// Only up to this port.
    pub port_to: Option<u16>,
}

/// Which addresses of a node a change is for.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These.
    Ids(Vec<AllocationId>),
    /// All of the node.
    All,
    /// Those that a list with this filter shows.
    Filter(AllocationFilter),
}

fn filtered(node: NodeId, filter: &AllocationFilter) -> allocations::BoxedQuery<'static, Pg> {
    let mut query = allocations::table
        .filter(allocations::node_id.eq(node.uuid()))
        .into_boxed();
    if let Some(search) = &filter.search {
        let pattern = contains(search);
        query = query.filter(
            allocations::ip_alias
                .ilike(pattern.clone())
                .or(host(allocations::ip)
                    .ilike(pattern.clone())
                    .assume_not_null())
                .or(allocations::port
                    .cast::<diesel::sql_types::Text>()
                    .ilike(pattern)),
        );
    }
    if let Some(ip) = filter.ip {
        query = query.filter(allocations::ip.eq(ip));
    }
    if let Some(from) = filter.port_from {
        query = query.filter(allocations::port.ge(i32::from(from)));
    }
    if let Some(to) = filter.port_to {
        query = query.filter(allocations::port.le(i32::from(to)));
    }
    let taken = || {
        diesel::dsl::exists(
            server_allocations::table.filter(server_allocations::allocation_id.eq(allocations::id)),
        )
    };
    match filter.assigned {
        None => query,
        Some(true) => query.filter(taken()),
        Some(false) => query.filter(diesel::dsl::not(taken())),
    }
}

fn selected(node: NodeId, selection: &Selection) -> allocations::BoxedQuery<'static, Pg> {
    match selection {
        Selection::All => filtered(node, &AllocationFilter::default()),
        Selection::Filter(filter) => filtered(node, filter),
        Selection::Ids(ids) => {
            let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
            filtered(node, &AllocationFilter::default()).filter(allocations::id.eq_any(ids))
        }
    }
}

/// How many addresses of a node are meant.
pub async fn count(
    conn: &mut impl Readable,
    node: NodeId,
    selection: &Selection,
) -> Result<i64, Error> {
    conn.first(selected(node, selection).count()).await
}

/// One page of a node's addresses by address and port, each with the server that has it, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    node: NodeId,
    filter: &AllocationFilter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Allocation, Option<ServerId>)>, i64), Error> {
    let (rows, total): (Vec<Allocation>, i64) = conn
        .page(
            filtered(node, filter).count(),
            filtered(node, filter)
                .order((allocations::ip, allocations::port))
                .offset(offset)
                .limit(limit)
                .select(Allocation::as_select()),
        )
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let taken: Vec<(Uuid, Uuid)> = conn
        .load(
            server_allocations::table
                .filter(server_allocations::allocation_id.eq_any(ids))
                .select((
                    server_allocations::allocation_id,
                    server_allocations::server_id,
                )),
        )
        .await?;
    let rows = rows
        .into_iter()
        .map(|row| {
            let server = taken
                .iter()
                .find(|(id, _)| *id == row.id.uuid())
                .map(|(_, server)| ServerId::from(*server));
            (row, server)
        })
        .collect();
    Ok((rows, total))
}

/// The distinct addresses of a node.
pub async fn ips(conn: &mut impl Readable, node: NodeId) -> Result<Vec<IpNet>, Error> {
    conn.load(
        allocations::table
            .filter(allocations::node_id.eq(node.uuid()))
            .select(allocations::ip)
            .distinct()
            .order(allocations::ip),
    )
    .await
}

/// Adds addresses to a node; those it has already are left as they are. Gives how many were new.
pub async fn insert_many(tx: &mut Tx, rows: &[Allocation]) -> Result<usize, Error> {
    let mut added = 0;
    // PostgreSQL takes 65,535 parameters in a statement.
    for chunk in rows.chunks(5_000) {
        let values: Vec<_> = chunk
            .iter()
            .map(|row| {
                (
                    allocations::id.eq(row.id.uuid()),
                    allocations::node_id.eq(row.node_id.uuid()),
                    allocations::ip.eq(row.ip),
                    allocations::port.eq(row.port),
                    allocations::ip_alias.eq(row.ip_alias.clone()),
                    allocations::created_at.eq(row.created_at),
                )
            })
            .collect();
        added += tx
            .execute(
                diesel::insert_into(allocations::table)
                    .values(values)
                    .on_conflict((allocations::node_id, allocations::ip, allocations::port))
                    .do_nothing(),
            )
            .await?;
    }
    Ok(added)
}

/// Moves chosen ports of a node to another address and gives those that were moved. A port that the node has at that address
/// already stays where it is; of several chosen ones with the same port, one moves. The node's row must be locked.
pub async fn readdress(
    tx: &mut Tx,
    node: NodeId,
    selection: &Selection,
    ip: IpNet,
    ip_alias: Option<&str>,
) -> Result<Vec<AllocationId>, Error> {
    tx.changed(Part::Node(node));
    let chosen: Vec<(Uuid, i32)> = tx
        .load(
            selected(node, selection)
                .order((allocations::port, allocations::ip))
                .select((allocations::id, allocations::port)),
        )
        .await?;
    let there: Vec<(Uuid, i32)> = tx
        .load(
            allocations::table
                .filter(allocations::node_id.eq(node.uuid()))
                .filter(allocations::ip.eq(ip))
                .select((allocations::id, allocations::port)),
        )
        .await?;
    let mut holders: HashMap<i32, Uuid> = there.into_iter().map(|(id, port)| (port, id)).collect();
    let moving: Vec<Uuid> = chosen
        .into_iter()
        .filter(|(id, port)| *holders.entry(*port).or_insert(*id) == *id)
        .map(|(id, _)| id)
        .collect();
    let moved: Vec<Uuid> = tx
        .load(
            diesel::update(allocations::table.filter(allocations::id.eq_any(moving)))
                .set((
                    allocations::ip.eq(ip),
                    allocations::ip_alias.eq(ip_alias.map(str::to_owned)),
                ))
                .returning(allocations::id),
        )
        .await?;
    Ok(moved.into_iter().map(AllocationId::from).collect())
}

/// The servers that have any of these addresses, each once.
pub async fn servers_of(
    conn: &mut impl Readable,
    ids: &[AllocationId],
) -> Result<Vec<ServerId>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let servers: Vec<Uuid> = conn
        .load(
            server_allocations::table
                .filter(server_allocations::allocation_id.eq_any(ids))
                .select(server_allocations::server_id)
                .distinct(),
        )
        .await?;
    Ok(servers.into_iter().map(ServerId::from).collect())
}

/// Takes chosen addresses of a node from the servers that have them, and gives these servers, each once. A server that had one as
/// its primary address has none afterwards.
pub async fn take_back(
    tx: &mut Tx,
    node: NodeId,
    selection: &Selection,
) -> Result<Vec<ServerId>, Error> {
    tx.changed(Part::Node(node));
    let chosen = || selected(node, selection).select(allocations::id);
    tx.execute(
        diesel::update(servers::table.filter(servers::allocation_id.eq_any(chosen().nullable())))
            .set(servers::allocation_id.eq(None::<Uuid>)),
    )
    .await?;
    let on_their_way =
        servers::table.filter(servers::destination_allocation_id.eq_any(chosen().nullable()));
    tx.execute(
        diesel::update(on_their_way).set(servers::destination_allocation_id.eq(None::<Uuid>)),
    )
    .await?;
    let mut bereft: Vec<Uuid> = tx
        .load(
            diesel::delete(
                server_allocations::table
                    .filter(server_allocations::allocation_id.eq_any(chosen())),
            )
            .returning(server_allocations::server_id),
        )
        .await?;
    bereft.sort_unstable();
    bereft.dedup();
    Ok(bereft.into_iter().map(ServerId::from).collect())
}

/// Deletes chosen addresses of a node and gives how many; those that a server has stay.
pub async fn delete_free(tx: &mut Tx, node: NodeId, selection: &Selection) -> Result<usize, Error> {
    let chosen = selected(node, selection).select(allocations::id);
    let free = allocations::table
        .filter(allocations::id.eq_any(chosen))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            server_allocations::table.filter(server_allocations::allocation_id.eq(allocations::id)),
        )));
    tx.execute(diesel::delete(free)).await
}

/// The addresses a server has, by address and port.
pub async fn of_server(
    conn: &mut impl Readable,
    server: ServerId,
) -> Result<Vec<(ServerAllocation, Allocation)>, Error> {
    conn.load(
        server_allocations::table
            .inner_join(
                allocations::table.on(allocations::id.eq(server_allocations::allocation_id)),
            )
            .filter(server_allocations::server_id.eq(server.uuid()))
            .order((allocations::ip, allocations::port))
            .select((ServerAllocation::as_select(), Allocation::as_select())),
    )
    .await
}

/// One page of a server's addresses where it is now by address and port, those with `search` in their address, alias, port or notes, and how
/// many there are.
pub async fn list_of_server(
    conn: &mut impl Readable,
    server: ServerId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(ServerAllocation, Allocation)>, i64), Error> {
    let found = || {
        let query = server_allocations::table
            .inner_join(
                allocations::table.on(allocations::id.eq(server_allocations::allocation_id)),
            )
            .filter(server_allocations::server_id.eq(server.uuid()))
            .filter(diesel::dsl::not(server_allocations::destination))
            .into_boxed();
        match search {
            None => query,
            Some(search) => {
                let pattern = contains(search);
                query.filter(
                    allocations::ip_alias
                        .ilike(pattern.clone())
                        .assume_not_null()
                        .or(host(allocations::ip).ilike(pattern.clone()))
                        .or(allocations::port
                            .cast::<diesel::sql_types::Text>()
                            .ilike(pattern.clone()))
                        .or(server_allocations::notes.ilike(pattern).assume_not_null()),
                )
            }
        }
    };
    conn.page(
        found().count(),
        found()
            .order((allocations::ip, allocations::port))
            .offset(offset)
            .limit(limit)
            .select((ServerAllocation::as_select(), Allocation::as_select())),
    )
    .await
}

/// How many addresses a server has where it is now.
pub async fn count_of_server(conn: &mut impl Readable, server: ServerId) -> Result<i64, Error> {
    conn.first(
        server_allocations::table
            .filter(server_allocations::server_id.eq(server.uuid()))
            .filter(diesel::dsl::not(server_allocations::destination))
            .count(),
    )
    .await
}

/// One address of a server where it is now.
pub async fn find_of_server(
    conn: &mut impl Readable,
    server: ServerId,
    id: AllocationId,
) -> Result<Option<(ServerAllocation, Allocation)>, Error> {
    conn.optional(
        server_allocations::table
            .inner_join(
                allocations::table.on(allocations::id.eq(server_allocations::allocation_id)),
            )
            .filter(server_allocations::server_id.eq(server.uuid()))
            .filter(server_allocations::allocation_id.eq(id.uuid()))
            .filter(diesel::dsl::not(server_allocations::destination))
            .select((ServerAllocation::as_select(), Allocation::as_select())),
    )
    .await
}

/// The nodes that these addresses are of, each once; `None` unless all of them are there.
pub async fn nodes_of(
    conn: &mut impl Readable,
    ids: &[AllocationId],
) -> Result<Option<Vec<NodeId>>, Error> {
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<Uuid> = conn
        .load(
            allocations::table
                .filter(allocations::id.eq_any(wanted))
                .select(allocations::node_id),
        )
        .await?;
    if found.len() < ids.len() {
        return Ok(None);
    }
    let mut nodes: Vec<NodeId> = found.into_iter().map(NodeId::from).collect();
    nodes.sort_unstable();
    nodes.dedup();
    Ok(Some(nodes))
}

/// Gives addresses of `node` to a server.
///
/// # Errors
/// [`Error::Conflict`] on `server_allocations_pkey` when one is taken, [`Error::ForeignKey`] when one is not the node's.
pub async fn assign(
    tx: &mut Tx,
    node: NodeId,
    server: ServerId,
    ids: &[AllocationId],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    tx.changed(Part::Server(server));
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    tx.execute(
        Sql::new(
            "INSERT INTO server_allocations (server_id, node_id, created_at, allocation_id) SELECT ",
        )
        .bind::<SqlUuid, _>(server.uuid())
        .sql(", ")
        .bind::<SqlUuid, _>(node.uuid())
        .sql(", ")
        .bind::<Timestamptz, _>(now)
        .sql(", unnest(")
        .bind::<Array<SqlUuid>, _>(ids)
        .sql(")"),
    )
    .await?;
    Ok(())
}

/// Takes an address from a server. `false`: it did not have it.
pub async fn unassign(tx: &mut Tx, server: ServerId, id: AllocationId) -> Result<bool, Error> {
    tx.changed(Part::Server(server));
    let row = server_allocations::table
        .find(id.uuid())
        .filter(server_allocations::server_id.eq(server.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Changes the notes of a server's address. `false`: it does not have it.
pub async fn set_notes(
    tx: &mut Tx,
    server: ServerId,
    id: AllocationId,
    notes: Option<&str>,
) -> Result<bool, Error> {
    tx.changed(Part::Server(server));
    let row = server_allocations::table
        .find(id.uuid())
        .filter(server_allocations::server_id.eq(server.uuid()));
    Ok(tx
        .execute(diesel::update(row).set(server_allocations::notes.eq(notes.map(str::to_owned))))
        .await?
        > 0)
}

/// Whether any node has an address.
pub async fn any(conn: &mut impl Readable) -> Result<bool, Error> {
    let one: Option<Uuid> = conn
        .optional(allocations::table.select(allocations::id).limit(1))
        .await?;
    Ok(one.is_some())
}

/// The addresses these servers have, by address and port.
pub async fn of_servers(
    conn: &mut impl Readable,
    ids: &[ServerId],
) -> Result<Vec<(ServerAllocation, Allocation)>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        server_allocations::table
            .inner_join(
                allocations::table.on(allocations::id.eq(server_allocations::allocation_id)),
            )
            .filter(server_allocations::server_id.eq_any(ids))
            .order((allocations::ip, allocations::port))
            .select((ServerAllocation::as_select(), Allocation::as_select())),
    )
    .await
}
