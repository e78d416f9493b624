//! Servers together with what a page shows of them, in one query.

use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{EggId, NodeId, ServerId, UserId};
use uuid::Uuid;

use super::{Scope, Server, scoped};
use crate::allocations::{Allocation, ServerAllocation};
use crate::db::Readable;
use crate::eggs::Egg;
use crate::error::Error;
use crate::locations::Location;
use crate::nests::Nest;
use crate::nodes::Node;
use crate::schema::{
    allocations, eggs, locations, nests, nodes, server_allocations, servers, users,
};
use crate::types::contains;
use crate::users::User;

/// A server, where it is, what it runs, whose it is, and its primary address.
#[derive(Debug, Clone)]
pub struct ServerDetails {
    /// The server.
    pub server: Server,
    /// What it runs.
    pub egg: Egg,
    /// The egg's nest.
    pub nest: Nest,
    /// Where it is.
    pub node: Node,
    /// Where that is.
    pub location: Location,
    /// Whose it is.
    pub owner: User,
    /// Its primary address.
    pub primary: Option<(ServerAllocation, Allocation)>,
}

/// Which servers a list shows.
#[derive(Debug, Clone, Default)]
pub struct ServerFilter {
    /// Part of the name, or the beginning of the id.
    pub search: Option<String>,
    /// Only on this node.
    pub node_id: Option<NodeId>,
    /// Only of this owner.
    pub owner_id: Option<UserId>,
    /// Only of this egg.
    pub egg_id: Option<EggId>,
}

fn filtered(scope: Scope, filter: &ServerFilter) -> servers::BoxedQuery<'static, Pg> {
    let mut query = scoped(scope);
    if let Some(search) = &filter.search {
        let by_name = servers::name.ilike(contains(search));
        let short = search.to_lowercase();
        query = if let Ok(id) = Uuid::try_parse(search) {
            query.filter(servers::id.eq(id))
        } else if (4..=8).contains(&short.len()) && short.bytes().all(|b| b.is_ascii_hexdigit()) {
            query.filter(by_name.or(servers::short_id.like(format!("{short}%"))))
        } else {
            query.filter(by_name)
        };
    }
    if let Some(node) = filter.node_id {
        query = query.filter(servers::node_id.eq(node.uuid()));
    }
    if let Some(owner) = filter.owner_id {
        query = query.filter(servers::owner_id.eq(owner.uuid()));
    }
    if let Some(egg) = filter.egg_id {
        query = query.filter(servers::egg_id.eq(egg.uuid()));
    }
    query
}

type Row = (
    Server,
    Egg,
    Nest,
    Node,
    Location,
    User,
    Option<ServerAllocation>,
    Option<Allocation>,
);

impl From<Row> for ServerDetails {
    fn from((server, egg, nest, node, location, owner, assignment, allocation): Row) -> Self {
        Self {
            server,
            egg,
            nest,
            node,
            location,
            owner,
            primary: assignment.zip(allocation),
        }
    }
}

/// The servers of these ids with their details, in the order of the ids.
pub async fn details(
    conn: &mut impl Readable,
    ids: &[ServerId],
) -> Result<Vec<ServerDetails>, Error> {
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> = conn
        .load(
            servers::table
                .inner_join(eggs::table.on(eggs::id.eq(servers::egg_id)))
                .inner_join(nests::table.on(nests::id.eq(eggs::nest_id)))
                .inner_join(nodes::table.on(nodes::id.eq(servers::node_id)))
                .inner_join(locations::table.on(locations::id.eq(nodes::location_id)))
                .inner_join(users::table.on(users::id.eq(servers::owner_id)))
                .left_join(
                    server_allocations::table.on(server_allocations::allocation_id
                        .nullable()
                        .eq(servers::allocation_id)),
                )
                .left_join(
                    allocations::table.on(allocations::id.nullable().eq(servers::allocation_id)),
                )
                .filter(servers::id.eq_any(wanted))
                .select((
                    Server::as_select(),
                    Egg::as_select(),
                    Nest::as_select(),
                    Node::as_select(),
                    Location::as_select(),
                    User::as_select(),
                    Option::<ServerAllocation>::as_select(),
                    Option::<Allocation>::as_select(),
                )),
        )
        .await?;
    let mut found: Vec<ServerDetails> = rows.into_iter().map(ServerDetails::from).collect();
    found.sort_by_key(|details| ids.iter().position(|id| *id == details.server.id));
    Ok(found)
}

/// The server of this id within the scope, with its details.
pub async fn find_details(
    conn: &mut impl Readable,
    scope: Scope,
    id: ServerId,
) -> Result<Option<ServerDetails>, Error> {
    let visible: Option<Uuid> = conn
        .optional(
            scoped(scope)
                .filter(servers::id.eq(id.uuid()))
                .select(servers::id),
        )
        .await?;
    match visible {
        None => Ok(None),
        Some(_) => Ok(details(conn, &[id]).await?.pop()),
    }
}

/// One page of servers with details, oldest first, and how many there are in all.
pub async fn list_details(
    conn: &mut impl Readable,
    scope: Scope,
    filter: &ServerFilter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<ServerDetails>, i64), Error> {
    let total = conn.first(filtered(scope, filter).count()).await?;
    let ids: Vec<Uuid> = conn
        .load(
            filtered(scope, filter)
                .order((servers::created_at, servers::id))
                .offset(offset)
                .limit(limit)
                .select(servers::id),
        )
        .await?;
    let ids: Vec<ServerId> = ids.into_iter().map(ServerId::from).collect();
    Ok((details(conn, &ids).await?, total))
}
