//! Servers together with what a page shows of them, in one query.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use panel_domain::id::{AllocationId, BackupConfigurationId, EggId, NodeId, ServerId, UserId};
use uuid::Uuid;

use super::{Scope, Server, of_user, scoped};
use crate::allocations::{Allocation, ServerAllocation};
use crate::db::{ReadSql, Readable};
use crate::eggs::{Egg, EggVariable};
use crate::error::Error;
use crate::locations::Location;
use crate::nests::Nest;
use crate::nodes::Node;
use crate::roles::Role;
use crate::row_counts::{self, Counted, Day, Order};
use crate::schema::{
    allocations, egg_variables, eggs, locations, nests, nodes, roles, server_allocations, servers,
    users,
};
use crate::types::{contains, no_time};
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
    /// The owner's role, if they have one.
    pub owner_role: Option<Role>,
    /// Its primary address.
    pub primary: Option<(ServerAllocation, Allocation)>,
}

/// Which servers a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerFilter {
    /// Part of the name, or the beginning of the id.
    pub search: Option<String>,
    /// Only on this node.
    pub node_id: Option<NodeId>,
    /// Only those on their way from this node or to it.
    pub moving_at: Option<NodeId>,
    /// Only of this owner.
    pub owner_id: Option<UserId>,
    /// Only of this egg.
    pub egg_id: Option<EggId>,
    /// Only those whose own setting sends their backups there.
    pub backup_configuration_id: Option<BackupConfigurationId>,
}

fn filtered(scope: Scope, filter: &ServerFilter) -> servers::BoxedQuery<'static, Pg> {
    let mut query = match scope {
        Scope::User(user) => of_user(user).filter(servers::deleting_at.is_null()),
        other => scoped(other),
    };
    if let Some(search) = &filter.search {
        let by_name = servers::name.ilike(contains(search));
        query = if let Ok(id) = Uuid::try_parse(search) {
            query.filter(servers::id.eq(id))
        } else if let Some((first, last)) = ids_beginning_with(search) {
            query.filter(by_name.or(servers::id.between(first, last)))
        } else {
            query.filter(by_name)
        };
    }
    if let Some(node) = filter.node_id {
        query = query.filter(servers::node_id.eq(node.uuid()));
    }
    if let Some(node) = filter.moving_at {
        let here = servers::node_id.eq(node.uuid());
        let to_here = servers::destination_node_id.is_not_distinct_from(node.uuid());
        query = query
            .filter(servers::destination_node_id.is_not_null())
            .filter(here.or(to_here));
    }
    if let Some(owner) = filter.owner_id {
        query = query.filter(servers::owner_id.eq(owner.uuid()));
    }
    if let Some(egg) = filter.egg_id {
        query = query.filter(servers::egg_id.eq(egg.uuid()));
    }
    if let Some(configuration) = filter.backup_configuration_id {
        query = query.filter(servers::backup_configuration_id.eq(configuration.uuid()));
    }
    query
}

/// The first and the last of all ids that begin with these 4 to 8 hexadecimal digits.
fn ids_beginning_with(digits: &str) -> Option<(Uuid, Uuid)> {
    if !(4..=8).contains(&digits.len()) {
        return None;
    }
    let value = u128::from_str_radix(digits, 16).ok()?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let rest = 128 - 4 * u32::try_from(digits.len()).ok()?;
    let first = value << rest;
    Some((
        Uuid::from_u128(first),
        Uuid::from_u128(first | (u128::MAX >> (128 - rest))),
    ))
}

/// Those of these servers that are in the scope and that `search` finds, in the order of the ids.
pub async fn among(
    conn: &mut impl Readable,
    scope: Scope,
    ids: &[ServerId],
    search: Option<String>,
) -> Result<Vec<ServerId>, Error> {
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let filter = ServerFilter {
        search,
        ..ServerFilter::default()
    };
    let found: Vec<Uuid> = conn
        .load(
            filtered(scope, &filter)
                .filter(servers::id.eq_any(wanted))
                .select(servers::id),
        )
        .await?;
    let found: std::collections::HashSet<Uuid> = found.into_iter().collect();
    let kept = ids.iter().filter(|id| found.contains(&id.uuid()));
    Ok(kept.copied().collect())
}

type Row = (
    Server,
    Egg,
    Nest,
    Node,
    Location,
    User,
    Option<Role>,
    Option<ServerAllocation>,
    Option<Allocation>,
);

impl From<Row> for ServerDetails {
    fn from(
        (server, egg, nest, node, location, owner, owner_role, assignment, allocation): Row,
    ) -> Self {
        Self {
            server,
            egg,
            nest,
            node,
            location,
            owner,
            owner_role,
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
                .left_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
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
                    Option::<Role>::as_select(),
                    Option::<ServerAllocation>::as_select(),
                    Option::<Allocation>::as_select(),
                )),
        )
        .await?;
    let mut found: Vec<ServerDetails> = rows.into_iter().map(ServerDetails::from).collect();
    found.sort_by_key(|details| ids.iter().position(|id| *id == details.server.id));
    Ok(found)
}

/// What a server is made of, as it is shown with it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// What it is to run.
    pub egg: Egg,
    /// The egg's nest.
    pub nest: Nest,
    /// Where it is to be.
    pub node: Node,
    /// Where that is.
    pub location: Location,
    /// Whose it is to be.
    pub owner: User,
    /// The owner's role, if they have one.
    pub owner_role: Option<Role>,
    /// What is to be its primary address.
    pub primary: Option<Allocation>,
}

/// What a server of this owner, egg, node and primary address is made of, and the variables of the egg, in one round trip. The
/// former is `None` unless owner, egg and node are there.
pub async fn surroundings(
    conn: &mut impl Readable,
    owner: UserId,
    egg: EggId,
    node: NodeId,
    primary: Option<AllocationId>,
) -> Result<(Option<Surroundings>, Vec<EggVariable>), Error> {
    type Row = (
        Egg,
        Nest,
        Node,
        Location,
        User,
        Option<Role>,
        Option<Allocation>,
    );
    let primary = primary.map(AllocationId::uuid);
    let around = eggs::table
        .inner_join(nests::table)
        .inner_join(nodes::table.on(nodes::id.eq(node.uuid())))
        .inner_join(locations::table.on(locations::id.eq(nodes::location_id)))
        .inner_join(users::table.on(users::id.eq(owner.uuid())))
        .left_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
        .left_join(allocations::table.on(allocations::id.nullable().eq(primary)))
        .filter(eggs::id.eq(egg.uuid()))
        .select((
            Egg::as_select(),
            Nest::as_select(),
            Node::as_select(),
            Location::as_select(),
            User::as_select(),
            Option::<Role>::as_select(),
            Option::<Allocation>::as_select(),
        ));
    let variables = egg_variables::table
        .filter(egg_variables::egg_id.eq(egg.uuid()))
        .order((egg_variables::position, egg_variables::env_variable))
        .select(EggVariable::as_select());
    let (around, variables): (Vec<Row>, _) = conn.pair(around, variables).await?;
    let around =
        around
            .into_iter()
            .next()
            .map(
                |(egg, nest, node, location, owner, owner_role, primary)| Surroundings {
                    egg,
                    nest,
                    node,
                    location,
                    owner,
                    owner_role,
                    primary,
                },
            );
    Ok((around, variables))
}

/// The server of this id within the scope, with its details.
pub async fn find_details(
    conn: &mut impl Readable,
    scope: Scope,
    id: ServerId,
) -> Result<Option<ServerDetails>, Error> {
    if scope == Scope::All {
        return Ok(details(conn, &[id]).await?.pop());
    }
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
    let (ids, total) = match scope {
        Scope::All | Scope::Others(_) if *filter == ServerFilter::default() => {
            counted(conn, scope, offset, limit).await?
        }
        _ if filter.search.is_some() => {
            let found = filtered(scope, filter);
            let page = found
                .order((servers::created_at + no_time(), servers::id))
                .offset(offset)
                .limit(limit)
                .select(servers::id);
            conn.page(filtered(scope, filter).count(), page).await?
        }
        _ => {
            conn.page(
                filtered(scope, filter).count(),
                oldest_first(filtered(scope, filter), offset, limit),
            )
            .await?
        }
    };
    if ids.is_empty() {
        return Ok((Vec::new(), total));
    }
    let ids: Vec<ServerId> = ids.into_iter().map(ServerId::from).collect();
    Ok((details(conn, &ids).await?, total))
}

#[diesel::dsl::auto_type]
fn oldest_first(query: servers::BoxedQuery<'static, Pg>, offset: i64, limit: i64) -> _ {
    query
        .order((servers::created_at, servers::id))
        .offset(offset)
        .limit(limit)
        .select(servers::id)
}

/// A page of a list that is too long to be counted each time.
async fn counted(
    conn: &mut impl Readable,
    scope: Scope,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Uuid>, i64), Error> {
    let days = days(conn, scope).await?;
    let total = row_counts::total(&days);
    let order = Order::OldestFirst;
    let Some(window) = row_counts::window(&days, order, offset, limit) else {
        return Ok((Vec::new(), total));
    };
    let ids: Vec<Uuid> = if window.upwards {
        let from = scoped(scope).filter(servers::created_at.ge(window.bound));
        conn.load(oldest_first(from, window.skip, window.take))
            .await?
    } else {
        conn.load(
            scoped(scope)
                .filter(servers::created_at.lt(window.bound))
                .order((servers::created_at.desc(), servers::id.desc()))
                .offset(window.skip)
                .limit(window.take)
                .select(servers::id),
        )
        .await?
    };
    Ok((row_counts::in_order(ids, window, order), total))
}

/// How many servers of the scope were created on each day: those that were counted, less those that the scope leaves out, which are
/// few.
async fn days(conn: &mut impl Readable, scope: Scope) -> Result<Vec<Day>, Error> {
    let Scope::Others(user) = scope else {
        return row_counts::days(conn, Counted::Servers).await;
    };
    conn.load(
        ReadSql::with(
            "hidden AS (SELECT created_at FROM servers WHERE deleting_at IS NOT NULL \
             UNION ALL SELECT created_at FROM servers WHERE deleting_at IS NULL AND owner_id = ",
        )
        .bind::<SqlUuid, _>(user.uuid())
        .sql(
            " UNION ALL SELECT s.created_at FROM subusers u JOIN servers s ON s.id = u.server_id \
             WHERE s.deleting_at IS NULL AND u.user_id = ",
        )
        .bind::<SqlUuid, _>(user.uuid())
        .sql("), counted AS (SELECT day, entries FROM row_counts WHERE list = ")
        .bind::<Text, _>(Counted::Servers.as_str())
        .sql(
            " UNION ALL SELECT (created_at AT TIME ZONE 'UTC')::date, -1 FROM hidden) \
             SELECT day, sum(entries)::bigint AS entries FROM counted GROUP BY day HAVING sum(entries) <> 0 ORDER BY day",
        ),
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_of_an_id_is_a_range() {
        let range = |digits| {
            let (first, last) = ids_beginning_with(digits)?;
            Some((first.to_string(), last.to_string()))
        };
        assert_eq!(
            range("00c0FFee"),
            Some((
                "00c0ffee-0000-0000-0000-000000000000".to_owned(),
                "00c0ffee-ffff-ffff-ffff-ffffffffffff".to_owned()
            ))
        );
        assert_eq!(
            range("abcd").unwrap().1,
            "abcdffff-ffff-ffff-ffff-ffffffffffff"
        );
        for other in ["abc", "abcdeg", "+abcd", "123456789", "äbcd"] {
            assert_eq!(range(other), None, "{other}");
        }
    }
}
