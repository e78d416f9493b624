//! Game servers.

use chrono::{DateTime, Utc};
use diesel::alias;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{self, Array};
use panel_domain::id::{
    AllocationId, BackupConfigurationId, EggId, NodeId, ServerId, ServerRef, UserId,
};
use uuid::Uuid;

use crate::db::{LateSql, Readable, Sql, Tx};
use crate::eggs::Egg;
use crate::error::Error;
use crate::nodes::Node;
use crate::operations::{self as operations_of, Operation};
use crate::parts::Part;
use crate::schema::{eggs, nodes, operations, servers, subusers};
use crate::subusers::Subuser;
use crate::types::Nullable;

mod list;
mod variables;

pub use list::{
    ServerDetails, ServerFilter, Surroundings, among, details, find_details, list_details,
    surroundings,
};
pub use variables::{
    ServerVariable, set_variables, variables, variables_of_many, variables_with_values,
};

/// A server.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = servers, check_for_backend(Pg))]
pub struct Server {
    #[diesel(deserialize_as = Uuid)]
    pub id: ServerId,
    pub short_id: String,
    pub external_id: Option<String>,
    #[diesel(deserialize_as = Uuid)]
    pub node_id: NodeId,
    #[diesel(deserialize_as = Nullable<NodeId>)]
    pub destination_node_id: Option<NodeId>,
    #[diesel(deserialize_as = Nullable<AllocationId>)]
    pub allocation_id: Option<AllocationId>,
    #[diesel(deserialize_as = Uuid)]
    pub owner_id: UserId,
    #[diesel(deserialize_as = Uuid)]
    pub egg_id: EggId,
    pub name: String,
    pub description: Option<String>,
    pub status: Option<String>,
    pub suspended: bool,
    pub memory_mib: i64,
    pub memory_overhead_mib: i64,
    pub swap_mib: i64,
    pub disk_mib: i64,
    pub io_weight: Option<i16>,
    pub cpu_percent: i32,
    pub pinned_cpus: Vec<i16>,
    pub startup: String,
    pub image: String,
    pub auto_kill_enabled: bool,
    pub auto_kill_seconds: i32,
    pub auto_start_behavior: String,
    pub timezone: Option<String>,
    pub hugepages_passthrough_enabled: bool,
    pub kvm_passthrough_enabled: bool,
    pub allocation_limit: i32,
    pub database_limit: i32,
    pub backup_limit: i32,
    pub schedule_limit: i32,
    pub skip_egg_scripts: bool,
    pub start_on_completion: bool,
    pub power_state: Option<String>,
    pub power_state_at: Option<DateTime<Utc>>,
    pub installed_at: Option<DateTime<Utc>>,
    pub deleting_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    #[diesel(deserialize_as = Nullable<BackupConfigurationId>)]
    pub backup_configuration_id: Option<BackupConfigurationId>,
    /// Its primary address on the node that it is moving to.
    #[diesel(deserialize_as = Nullable<AllocationId>)]
    pub destination_allocation_id: Option<AllocationId>,
}

/// Whose servers a query may see. The scope is part of the SQL, so a forgotten check finds nothing instead of
/// somebody else's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every server, those being deleted included: for administrators and for the panel itself.
    All,
    /// What this user owns or was given a share of.
    User(UserId),
    /// What this user neither owns nor has a share of: an administrator's second list.
    Others(UserId),
    /// What runs on this node, or is moving to it.
    Node(NodeId),
}

/// The servers of a scope, as a query to filter further.
pub(crate) fn scoped(scope: Scope) -> servers::BoxedQuery<'static, Pg> {
    let query = servers::table.into_boxed();
    let shared_with = |user: UserId| {
        diesel::dsl::exists(
            subusers::table
                .filter(subusers::server_id.eq(servers::id))
                .filter(subusers::user_id.eq(user.uuid())),
        )
    };
    match scope {
        Scope::All => query,
        Scope::User(user) => query
            .filter(servers::deleting_at.is_null())
            .filter(servers::owner_id.eq(user.uuid()).or(shared_with(user))),
        Scope::Others(user) => query
            .filter(servers::deleting_at.is_null())
            .filter(servers::owner_id.ne(user.uuid()))
            .filter(diesel::dsl::not(shared_with(user))),
        Scope::Node(node) => query.filter(
            servers::node_id
                .eq(node.uuid())
                .or(servers::destination_node_id.is_not_distinct_from(node.uuid())),
        ),
    }
}

/// The server of this id within the scope.
pub async fn find(
    conn: &mut impl Readable,
    scope: Scope,
    id: ServerId,
) -> Result<Option<Server>, Error> {
    conn.optional(
        scoped(scope)
            .filter(servers::id.eq(id.uuid()))
            .select(Server::as_select()),
    )
    .await
}

fn named(server: ServerRef) -> servers::BoxedQuery<'static, Pg> {
    match server {
        ServerRef::Id(id) => servers::table
            .filter(servers::id.eq(id.uuid()))
            .into_boxed(),
        ServerRef::Short(short) => servers::table
            .filter(servers::short_id.eq(short.to_string()))
            .into_boxed(),
    }
}

/// The server that is meant.
pub async fn find_named(
    conn: &mut impl Readable,
    server: ServerRef,
) -> Result<Option<Server>, Error> {
    conn.optional(named(server).select(Server::as_select()))
        .await
}

/// The server that is meant with its node and its shares, in one round trip.
pub async fn find_with_shares(
    conn: &mut impl Readable,
    server: ServerRef,
) -> Result<Option<(Server, Node, Vec<Subuser>)>, Error> {
    let ids = named(server).select(servers::id);
    let server = named(server)
        .inner_join(nodes::table.on(nodes::id.eq(servers::node_id)))
        .select((Server::as_select(), Node::as_select()));
    let shares = subusers::table
        .filter(subusers::server_id.eq_any(ids))
        .order((subusers::created_at, subusers::user_id))
        .select(Subuser::as_select());
    let (servers, shares) = conn.pair(server, shares).await?;
    let found: Option<(Server, Node)> = servers.into_iter().next();
    Ok(found.map(|(server, node)| (server, node, shares)))
}

/// The server that is meant with the egg it runs.
pub async fn find_with_egg(
    conn: &mut impl Readable,
    id: ServerId,
) -> Result<Option<(Server, Egg)>, Error> {
    conn.optional(
        servers::table
            .inner_join(eggs::table)
            .filter(servers::id.eq(id.uuid()))
            .select((Server::as_select(), Egg::as_select())),
    )
    .await
}

/// The server that is meant with the install, reinstall or delete of it that is open, in one round trip.
pub async fn find_with_open_lifecycle(
    conn: &mut impl Readable,
    server: ServerRef,
) -> Result<Option<(Server, Option<Operation>)>, Error> {
    let ids = named(server).select(servers::id);
    let open = operations::table
        .filter(operations::server_id.eq_any(ids))
        .filter(operations::finished_at.is_null())
        .filter(operations::kind.eq_any(operations_of::LIFECYCLE))
        .select(Operation::as_select());
    let (found, open) = conn
        .pair(named(server).select(Server::as_select()), open)
        .await?;
    let found: Option<Server> = found.into_iter().next();
    Ok(found.map(|server| (server, open.into_iter().next())))
}

/// The id of the server whose first 8 hex digits these are.
pub async fn find_by_short_id(
    conn: &mut impl Readable,
    short_id: &str,
) -> Result<Option<ServerId>, Error> {
    let id: Option<Uuid> = conn
        .optional(
            servers::table
                .filter(servers::short_id.eq(short_id.to_owned()))
                .select(servers::id),
        )
        .await?;
    Ok(id.map(ServerId::from))
}

/// The id of the server that another system calls by this name.
pub async fn find_by_external_id(
    conn: &mut impl Readable,
    external_id: &str,
) -> Result<Option<ServerId>, Error> {
    let id: Option<Uuid> = conn
        .optional(
            servers::table
                .filter(servers::external_id.eq(external_id.to_owned()))
                .select(servers::id),
        )
        .await?;
    Ok(id.map(ServerId::from))
}

/// What a server on a node may use.
#[derive(Debug, Clone, Copy, Queryable)]
#[diesel(check_for_backend(Pg))]
pub struct Allowance {
    /// Which server.
    #[diesel(deserialize_as = Uuid)]
    pub id: ServerId,
    /// MiB of memory without the overhead; 0 is unlimited.
    pub memory_mib: i64,
    /// Percent of a core; 0 is unlimited.
    pub cpu_percent: i32,
}

/// What the servers of a scope that are on this node may use.
pub async fn allowances_on_node(
    conn: &mut impl Readable,
    scope: Scope,
    node: NodeId,
) -> Result<Vec<Allowance>, Error> {
    conn.load(
        scoped(scope)
            .filter(servers::node_id.eq(node.uuid()))
            .select((servers::id, servers::memory_mib, servers::cpu_percent)),
    )
    .await
}

/// The server, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ServerId) -> Result<Option<Server>, Error> {
    tx.optional(
        servers::table
            .find(id.uuid())
            .select(Server::as_select())
            .for_update(),
    )
    .await
}

/// What a new server is made of.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = servers, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct NewServer {
    pub id: Uuid,
    pub external_id: Option<String>,
    pub node_id: Uuid,
    pub allocation_id: Option<Uuid>,
    pub owner_id: Uuid,
    pub egg_id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub status: Option<String>,
    pub memory_mib: i64,
    pub memory_overhead_mib: i64,
    pub swap_mib: i64,
    pub disk_mib: i64,
    pub io_weight: Option<i16>,
    pub cpu_percent: i32,
    pub pinned_cpus: Vec<i16>,
    pub startup: String,
    pub image: String,
    pub timezone: Option<String>,
    pub hugepages_passthrough_enabled: bool,
    pub kvm_passthrough_enabled: bool,
    pub allocation_limit: i32,
    pub database_limit: i32,
    pub backup_limit: i32,
    pub schedule_limit: i32,
    pub skip_egg_scripts: bool,
    pub start_on_completion: bool,
    pub created_at: DateTime<Utc>,
    pub backup_configuration_id: Option<Uuid>,
}

/// Adds a server. Its primary address may be added later in the same transaction.
///
/// # Errors
/// [`Error::Conflict`] on `servers_short_id_key` (draw another id) or `servers_external_id_key`.
pub async fn insert(tx: &mut Tx, server: &NewServer) -> Result<Server, Error> {
    tx.changed(Part::ServersOf(server.owner_id.into()));
    tx.first(
        diesel::insert_into(servers::table)
            .values(server.clone())
            .returning(Server::as_returning()),
    )
    .await
}

/// Changes to a server: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = servers, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct ServerChanges {
    pub external_id: Option<Option<String>>,
    pub allocation_id: Option<Option<Uuid>>,
    pub owner_id: Option<Uuid>,
    pub egg_id: Option<Uuid>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub suspended: Option<bool>,
    pub memory_mib: Option<i64>,
    pub memory_overhead_mib: Option<i64>,
    pub swap_mib: Option<i64>,
    pub disk_mib: Option<i64>,
    pub io_weight: Option<Option<i16>>,
    pub cpu_percent: Option<i32>,
    pub pinned_cpus: Option<Vec<i16>>,
    pub startup: Option<String>,
    pub image: Option<String>,
    pub auto_kill_enabled: Option<bool>,
    pub auto_kill_seconds: Option<i32>,
    pub auto_start_behavior: Option<String>,
    pub timezone: Option<Option<String>>,
    pub hugepages_passthrough_enabled: Option<bool>,
    pub kvm_passthrough_enabled: Option<bool>,
    pub allocation_limit: Option<i32>,
    pub database_limit: Option<i32>,
    pub backup_limit: Option<i32>,
    pub schedule_limit: Option<i32>,
    pub deleting_at: Option<Option<DateTime<Utc>>>,
    pub backup_configuration_id: Option<Option<Uuid>>,
}

/// Changes a server and gives it back, or `None` when there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `servers_external_id_key`, [`Error::ForeignKey`] on an owner, egg or address that is not there.
pub async fn update(
    tx: &mut Tx,
    id: ServerId,
    changes: &ServerChanges,
) -> Result<Option<Server>, Error> {
    tx.changed(Part::Server(id));
    if changes.owner_id.is_some() || changes.deleting_at.is_some() {
        tx.members_changed(id);
    }
    tx.optional(
        diesel::update(servers::table.find(id.uuid()))
            .set(changes.clone())
            .returning(Server::as_returning()),
    )
    .await
}

/// Moves a server from one status to another. `false`: it was not in `from`, and nothing changed.
pub async fn change_status(
    tx: &mut Tx,
    id: ServerId,
    from: Option<&str>,
    to: Option<&str>,
    installed_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    tx.changed(Part::Server(id));
    let server = servers::table
        .find(id.uuid())
        .filter(servers::status.is_not_distinct_from(from.map(str::to_owned)));
    let changed = match installed_at {
        Some(at) => {
            tx.execute(diesel::update(server).set((
                servers::status.eq(to.map(str::to_owned)),
                servers::installed_at.eq(at),
            )))
            .await?
        }
        None => {
            tx.execute(diesel::update(server).set(servers::status.eq(to.map(str::to_owned))))
                .await?
        }
    };
    Ok(changed > 0)
}

/// Notes what a node said about a server's power, unless something newer is known. `false`: nothing changed.
pub async fn record_power_state(
    tx: &mut Tx,
    node: NodeId,
    id: ServerId,
    state: &str,
    at: DateTime<Utc>,
) -> Result<bool, Error> {
    tx.changed(Part::Server(id));
    let server = servers::table
        .find(id.uuid())
        .filter(servers::node_id.eq(node.uuid()))
        .filter(
            servers::power_state_at
                .is_null()
                .or(servers::power_state_at.le(at)),
        );
    let changed = tx
        .execute(diesel::update(server).set((
            servers::power_state.eq(state.to_owned()),
            servers::power_state_at.eq(at),
        )))
        .await?;
    Ok(changed > 0)
}

/// Deletes a server's row with everything that hangs on it; its addresses become free.
pub async fn delete(tx: &mut Tx, id: ServerId) -> Result<bool, Error> {
    tx.changed(Part::Server(id));
    tx.execute(diesel::update(servers::table.find(id.uuid())).set((
        servers::allocation_id.eq(None::<Uuid>),
        servers::destination_allocation_id.eq(None::<Uuid>),
    )))
    .await?;
    Ok(tx
        .execute(diesel::delete(servers::table.find(id.uuid())))
        .await?
        > 0)
}

/// Hides a server that is to be deleted, with COMMIT.
pub fn begin_deleting(tx: &mut Tx, id: ServerId, now: DateTime<Utc>) {
    tx.changed(Part::Server(id));
    tx.members_changed(id);
    tx.at_commit(
        LateSql::new("UPDATE servers SET deleting_at = coalesce(deleting_at, ")
            .value(now)
            .sql(") WHERE id = ")
            .value(id.uuid()),
    );
}

/// One page of the servers that are on a node now, and how many there are.
pub async fn on_node(
    conn: &mut impl Readable,
    node: NodeId,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Server>, i64), Error> {
    let here = || servers::table.filter(servers::node_id.eq(node.uuid()));
    conn.page(
        here().count(),
        here()
            .order(servers::id)
            .offset(offset)
            .limit(limit)
            .select(Server::as_select()),
    )
    .await
}

/// Those of `ids` that are on this node; one on its way there is not yet.
pub async fn of_node(
    conn: &mut impl Readable,
    node: NodeId,
    ids: &[ServerId],
) -> Result<Vec<ServerId>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<Uuid> = conn
        .load(
            servers::table
                .filter(servers::node_id.eq(node.uuid()))
                .filter(servers::id.eq_any(ids))
                .select(servers::id),
        )
        .await?;
    Ok(found.into_iter().map(ServerId::from).collect())
}

/// Notes what a node said about the power of its servers, all in one statement.
pub async fn record_power_states(
    tx: &mut Tx,
    node: NodeId,
    states: &[(ServerId, &str)],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    for (id, _) in states {
        tx.changed(Part::Server(*id));
    }
    let (ids, names): (Vec<Uuid>, Vec<String>) = states
        .iter()
        .map(|(id, state)| (id.uuid(), (*state).to_owned()))
        .unzip();
    tx.execute(
        Sql::new("UPDATE servers SET power_state = said.state, power_state_at = ")
            .bind::<sql_types::Timestamptz, _>(at)
            .sql(" FROM unnest(")
            .bind::<Array<sql_types::Uuid>, _>(ids)
            .sql(", ")
            .bind::<Array<sql_types::Text>, _>(names)
            .sql(") AS said(id, state) WHERE servers.id = said.id AND node_id = ")
            .bind::<sql_types::Uuid, _>(node.uuid())
            .sql(" AND (power_state_at IS NULL OR power_state_at <= ")
            .bind::<sql_types::Timestamptz, _>(at)
            .sql(")"),
    )
    .await?;
    Ok(())
}

/// The servers that are on a node now.
pub async fn ids_on_node(conn: &mut impl Readable, node: NodeId) -> Result<Vec<ServerId>, Error> {
    let ids: Vec<Uuid> = conn
        .load(
            servers::table
                .filter(servers::node_id.eq(node.uuid()))
                .select(servers::id),
        )
        .await?;
    Ok(ids.into_iter().map(ServerId::from).collect())
}

/// The servers that a user owns or has a share of, as two lists put together, each from its index: as alternatives of one
/// condition every server would be looked at.
pub(crate) fn of_user(user: UserId) -> servers::BoxedQuery<'static, Pg> {
    let owned = alias!(servers as owned);
    let ids = owned
        .filter(owned.field(servers::owner_id).eq(user.uuid()))
        .select(owned.field(servers::id))
        .union_all(
            subusers::table
                .filter(subusers::user_id.eq(user.uuid()))
                .select(subusers::server_id),
        );
    servers::table.filter(servers::id.eq_any(ids)).into_boxed()
}

/// The servers that a user owns or has a share of.
pub async fn ids_of_user(conn: &mut impl Readable, user: UserId) -> Result<Vec<ServerId>, Error> {
    let ids: Vec<Uuid> = conn
        .load(of_user(user).order(servers::id).select(servers::id))
        .await?;
    Ok(ids.into_iter().map(ServerId::from).collect())
}
