//! Machines that run Wings.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{BackupConfigurationId, LocationId, NodeId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::ReadSql;
use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::locations::Location;
use crate::parts::Part;
use crate::schema::{locations, nodes};
use crate::types::{Nullable, contains};

/// A node.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = nodes, check_for_backend(Pg))]
pub struct Node {
    #[diesel(deserialize_as = Uuid)]
    pub id: NodeId,
    #[diesel(deserialize_as = Uuid)]
    pub location_id: LocationId,
    pub name: String,
    pub description: Option<String>,
    pub deployment_enabled: bool,
    pub maintenance_enabled: bool,
    pub url: String,
    pub public_url: Option<String>,
    pub sftp_host: Option<String>,
    pub sftp_port: i32,
    pub memory_mib: i64,
    pub disk_mib: i64,
    pub token_id: String,
    pub token: Vec<u8>,
    pub flavour: Option<String>,
    pub version: Option<String>,
    pub capabilities: Option<Value>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    pub last_error_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    #[diesel(deserialize_as = Nullable<BackupConfigurationId>)]
    pub backup_configuration_id: Option<BackupConfigurationId>,
}

/// The node of this id with its location.
pub async fn find(conn: &mut impl Readable, id: NodeId) -> Result<Option<(Node, Location)>, Error> {
    conn.optional(
        nodes::table
            .inner_join(locations::table)
            .filter(nodes::id.eq(id.uuid()))
            .select((Node::as_select(), Location::as_select())),
    )
    .await
}

/// The node that signs in with this token id.
pub async fn find_by_token_id(
    conn: &mut impl Readable,
    token_id: &str,
) -> Result<Option<Node>, Error> {
    conn.optional(
        nodes::table
            .filter(nodes::token_id.eq(token_id.to_owned()))
            .select(Node::as_select()),
    )
    .await
}

/// Which nodes a list shows.
#[derive(Debug, Clone, Default)]
pub struct NodeFilter {
    /// Part of the name.
    pub search: Option<String>,
    /// Only at this location.
    pub location_id: Option<LocationId>,
}

/// One page of nodes by name with their locations, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    filter: &NodeFilter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Node, Location)>, i64), Error> {
    let pattern = filter.search.as_deref().map(contains);
    let location = filter.location_id.map(LocationId::uuid);
    let mut count = nodes::table.into_boxed();
    let mut rows = nodes::table.inner_join(locations::table).into_boxed();
    if let Some(pattern) = pattern {
        count = count.filter(nodes::name.ilike(pattern.clone()));
        rows = rows.filter(nodes::name.ilike(pattern));
    }
    if let Some(location) = location {
        count = count.filter(nodes::location_id.eq(location));
        rows = rows.filter(nodes::location_id.eq(location));
    }
    conn.page(
        count.count(),
        rows.order((nodes::name, nodes::id))
            .offset(offset)
            .limit(limit)
            .select((Node::as_select(), Location::as_select())),
    )
    .await
}

/// One page of the nodes by name whose backups go there, those whose name contains `search`, and how many there are.
pub async fn with_backups_at(
    conn: &mut impl Readable,
    configuration: BackupConfigurationId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Node, Location)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        nodes::table
            .inner_join(locations::table)
            .filter(nodes::backup_configuration_id.eq(configuration.uuid()))
            .filter(nodes::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((nodes::name, nodes::id))
            .offset(offset)
            .limit(limit)
            .select((Node::as_select(), Location::as_select())),
    )
    .await
}

/// Every node, for the worker's round of looking after them.
pub async fn all(conn: &mut impl Readable) -> Result<Vec<Node>, Error> {
    conn.load(nodes::table.order(nodes::id).select(Node::as_select()))
        .await
}

/// What a new node is made of.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = nodes, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct NewNode {
    pub id: Uuid,
    pub location_id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub deployment_enabled: bool,
    pub maintenance_enabled: bool,
    pub url: String,
    pub public_url: Option<String>,
    pub sftp_host: Option<String>,
    pub sftp_port: i32,
    pub memory_mib: i64,
    pub disk_mib: i64,
    pub token_id: String,
    pub token: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub backup_configuration_id: Option<Uuid>,
}

/// Adds a node.
///
/// # Errors
/// [`Error::Conflict`] on `nodes_name_key`, [`Error::ForeignKey`] on a location that is not there.
pub async fn insert(tx: &mut Tx, node: &NewNode) -> Result<(), Error> {
    tx.execute(diesel::insert_into(nodes::table).values(node.clone()))
        .await?;
    Ok(())
}

/// Changes to a node: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = nodes, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct NodeChanges {
    pub location_id: Option<Uuid>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub deployment_enabled: Option<bool>,
    pub maintenance_enabled: Option<bool>,
    pub url: Option<String>,
    pub public_url: Option<Option<String>>,
    pub sftp_host: Option<Option<String>>,
    pub sftp_port: Option<i32>,
    pub memory_mib: Option<i64>,
    pub disk_mib: Option<i64>,
    pub token_id: Option<String>,
    pub token: Option<Vec<u8>>,
    pub backup_configuration_id: Option<Option<Uuid>>,
}

/// Changes a node. `false`: there is none of this id.
///
/// # Errors
/// As with [`insert`].
pub async fn update(tx: &mut Tx, id: NodeId, changes: &NodeChanges) -> Result<bool, Error> {
    tx.changed(Part::Node(id));
    Ok(tx
        .execute(diesel::update(nodes::table.find(id.uuid())).set(changes.clone()))
        .await?
        > 0)
}

/// What a node said of itself when it was asked.
#[derive(Debug, Clone)]
pub struct NodeSighting {
    /// Which daemon it runs.
    pub flavour: String,
    /// Its version.
    pub version: String,
    /// What it can do.
    pub capabilities: Value,
}

/// Notes that a node answered at `at`; with `None` only that it did.
pub async fn record_seen(
    tx: &mut Tx,
    id: NodeId,
    sighting: Option<&NodeSighting>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let node = diesel::update(nodes::table.find(id.uuid()));
    match sighting {
        Some(seen) => {
            tx.execute(node.set((
                nodes::flavour.eq(seen.flavour.clone()),
                nodes::version.eq(seen.version.clone()),
                nodes::capabilities.eq(seen.capabilities.clone()),
                nodes::last_seen_at.eq(at),
            )))
            .await?
        }
        None => tx.execute(node.set(nodes::last_seen_at.eq(at))).await?,
    };
    Ok(())
}

/// Notes that a node did not answer at `at`, and why.
pub async fn record_unreachable(
    tx: &mut Tx,
    id: NodeId,
    error: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    tx.execute(diesel::update(nodes::table.find(id.uuid())).set((
        nodes::last_error.eq(error.to_owned()),
        nodes::last_error_at.eq(at),
    )))
    .await?;
    Ok(())
}

/// Locks a node's row until the transaction ends: who adds servers to it or takes addresses from it goes one by one.
pub async fn lock(tx: &mut Tx, id: NodeId) -> Result<Option<Node>, Error> {
    tx.optional(
        nodes::table
            .find(id.uuid())
            .select(Node::as_select())
            .for_update(),
    )
    .await
}

/// What the servers of a node were promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct NodeUsage {
    /// Memory with overhead, in MiB.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub memory_mib: i64,
    /// Disk, in MiB.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub disk_mib: i64,
    /// Servers.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub servers: i64,
}

/// What the servers of this node were promised, in sum.
pub async fn usage(conn: &mut impl Readable, id: NodeId) -> Result<NodeUsage, Error> {
    conn.first(
        ReadSql::select(
            "coalesce(sum(memory_mib + memory_overhead_mib), 0)::bigint AS memory_mib, \
             coalesce(sum(disk_mib), 0)::bigint AS disk_mib, count(*) AS servers FROM servers WHERE node_id = ",
        )
        .bind::<diesel::sql_types::Uuid, _>(id.uuid()),
    )
    .await
}

/// What the servers of a node were promised, each kind for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct NodePromises {
    /// Servers.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub servers: i64,
    /// CPU in percent of a core.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub cpu_percent: i64,
    /// Memory without overhead, in MiB.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub memory_mib: i64,
    /// Overhead of memory, in MiB.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub memory_overhead_mib: i64,
    /// Disk, in MiB.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub disk_mib: i64,
}

/// What the servers of this node were promised, each kind for itself.
pub async fn promises(conn: &mut impl Readable, id: NodeId) -> Result<NodePromises, Error> {
    conn.first(
        ReadSql::select(
            "count(*) AS servers, coalesce(sum(cpu_percent), 0)::bigint AS cpu_percent, \
             coalesce(sum(memory_mib), 0)::bigint AS memory_mib, \
             coalesce(sum(memory_overhead_mib), 0)::bigint AS memory_overhead_mib, \
             coalesce(sum(disk_mib), 0)::bigint AS disk_mib FROM servers WHERE node_id = ",
        )
        .bind::<diesel::sql_types::Uuid, _>(id.uuid()),
    )
    .await
}

/// A node that takes new servers, and what its servers were promised together.
#[derive(Debug, Clone, Copy, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Placeable {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub memory_mib: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub disk_mib: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub promised_memory_mib: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub promised_disk_mib: i64,
}

/// The nodes of these locations that take new servers, in no particular order; suspended servers count `suspended` times what they were
/// promised.
pub async fn placeable(
    conn: &mut impl Readable,
    locations: &[LocationId],
    suspended: f64,
) -> Result<Vec<Placeable>, Error> {
    use diesel::sql_types::{Array, Double, Uuid as SqlUuid};
    let locations: Vec<Uuid> = locations.iter().map(|id| id.uuid()).collect();
    conn.load(
        ReadSql::select(
            "n.id, n.memory_mib, n.disk_mib, coalesce(ceil(sum(s.weight * s.memory)), 0)::bigint AS promised_memory_mib, \
             coalesce(ceil(sum(s.weight * s.disk)), 0)::bigint AS promised_disk_mib FROM nodes n LEFT JOIN LATERAL \
             (SELECT CASE WHEN x.suspended THEN ",
        )
        .bind::<Double, _>(suspended)
        .sql(
            " ELSE 1 END AS weight, x.memory_mib + x.memory_overhead_mib AS memory, x.disk_mib AS disk FROM servers x \
             WHERE x.node_id = n.id) s ON true WHERE n.deployment_enabled AND NOT n.maintenance_enabled AND n.location_id = ANY(",
        )
        .bind::<Array<SqlUuid>, _>(locations)
        .sql(") GROUP BY n.id ORDER BY n.id"),
    )
    .await
}

/// Deletes a node with its free addresses. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while it has servers.
pub async fn delete(tx: &mut Tx, id: NodeId) -> Result<bool, Error> {
    Ok(tx
        .execute(diesel::delete(nodes::table.find(id.uuid())))
        .await?
        > 0)
}

/// The nodes of these ids, in no particular order.
pub async fn load_many(conn: &mut impl Readable, ids: &[NodeId]) -> Result<Vec<Node>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        nodes::table
            .filter(nodes::id.eq_any(ids))
            .select(Node::as_select()),
    )
    .await
}
