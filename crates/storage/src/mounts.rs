//! Mounts, and what they are attached to.

mod places;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use panel_domain::id::{EggId, MountId, NodeId, ServerId};
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::schema::{egg_mounts, mounts, node_mounts, server_mounts, servers};
use crate::types::contains;

pub use places::{EggWith, NodeWith, eggs_with, nodes_with, servers_page};

/// A mount.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = mounts, check_for_backend(Pg))]
pub struct Mount {
    #[diesel(deserialize_as = Uuid)]
    pub id: MountId,
    pub name: String,
    pub description: Option<String>,
    pub source: String,
    pub target: String,
    pub read_only: bool,
    pub user_mountable: bool,
    pub created_at: DateTime<Utc>,
}

/// Changes to a mount: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = mounts, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct MountChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub source: Option<String>,
    pub target: Option<String>,
    pub read_only: Option<bool>,
    pub user_mountable: Option<bool>,
}

/// What a mount can be attached to, so that servers may have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A node, which has the folder.
    Node(NodeId),
    /// An egg, whose servers know what to do with it.
    Egg(EggId),
}

/// Which of the mounts that a server may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// The server.
    pub server: ServerId,
    /// Its node.
    pub node: NodeId,
    /// Its egg.
    pub egg: EggId,
    /// Only those that its users may choose.
    pub to_users: bool,
    /// Only those that it has.
    pub attached: bool,
}

/// The mount of this id.
pub async fn find(conn: &mut impl Readable, id: MountId) -> Result<Option<Mount>, Error> {
    let query = mounts::table.find(id.uuid()).select(Mount::as_select());
    conn.optional(query).await
}

/// One page of mounts by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Mount>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || mounts::table.filter(mounts::name.ilike(pattern.clone()));
    conn.page(
        found().count(),
        found()
            .order((mounts::name, mounts::id))
            .offset(offset)
            .limit(limit)
            .select(Mount::as_select()),
    )
    .await
}

/// Adds a mount.
///
/// # Errors
/// [`Error::Conflict`] on `mounts_name_key` and `mounts_source_target_key`.
pub async fn insert(tx: &mut Tx, mount: &Mount) -> Result<(), Error> {
    tx.execute(diesel::insert_into(mounts::table).values((
        mounts::id.eq(mount.id.uuid()),
        mounts::name.eq(mount.name.clone()),
        mounts::description.eq(mount.description.clone()),
        mounts::source.eq(mount.source.clone()),
        mounts::target.eq(mount.target.clone()),
        mounts::read_only.eq(mount.read_only),
        mounts::user_mountable.eq(mount.user_mountable),
        mounts::created_at.eq(mount.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes a mount. `false`: there is none of this id.
///
/// # Errors
/// As [`insert`].
pub async fn update(tx: &mut Tx, id: MountId, changes: &MountChanges) -> Result<bool, Error> {
    let row = mounts::table.find(id.uuid());
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Deletes a mount. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while a server has it.
pub async fn delete(tx: &mut Tx, id: MountId) -> Result<bool, Error> {
    let row = mounts::table.find(id.uuid());
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// One page of the mounts that are attached to a node or egg, by name, with when that was done, and how many.
pub async fn of_holder(
    conn: &mut impl Readable,
    holder: Holder,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Mount, DateTime<Utc>)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let order = (mounts::name, mounts::id);
    match holder {
        Holder::Node(node) => {
            let found = || {
                node_mounts::table
                    .inner_join(mounts::table)
                    .filter(node_mounts::node_id.eq(node.uuid()))
                    .filter(mounts::name.ilike(pattern.clone()))
            };
            let page = found().order(order).offset(offset).limit(limit);
            let page = page.select((Mount::as_select(), node_mounts::created_at));
            conn.page(found().count(), page).await
        }
        Holder::Egg(egg) => {
            let found = || {
                egg_mounts::table
                    .inner_join(mounts::table)
                    .filter(egg_mounts::egg_id.eq(egg.uuid()))
                    .filter(mounts::name.ilike(pattern.clone()))
            };
            let page = found().order(order).offset(offset).limit(limit);
            let page = page.select((Mount::as_select(), egg_mounts::created_at));
            conn.page(found().count(), page).await
        }
    }
}

/// Attaches a mount to a node or egg.
///
/// # Errors
/// [`Error::Conflict`] when it is already, [`Error::ForeignKey`] when one of them is gone.
pub async fn attach_to(
    tx: &mut Tx,
    holder: Holder,
    mount: MountId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    match holder {
        Holder::Node(node) => {
            tx.execute(diesel::insert_into(node_mounts::table).values((
                node_mounts::node_id.eq(node.uuid()),
                node_mounts::mount_id.eq(mount.uuid()),
                node_mounts::created_at.eq(now),
            )))
            .await?;
        }
        Holder::Egg(egg) => {
            tx.execute(diesel::insert_into(egg_mounts::table).values((
                egg_mounts::egg_id.eq(egg.uuid()),
                egg_mounts::mount_id.eq(mount.uuid()),
                egg_mounts::created_at.eq(now),
            )))
            .await?;
        }
    }
    Ok(())
}

/// Detaches a mount from a node or egg. `false`: it was not attached.
pub async fn detach_from(tx: &mut Tx, holder: Holder, mount: MountId) -> Result<bool, Error> {
    let gone = match holder {
        Holder::Node(node) => {
            let row = node_mounts::table.find((node.uuid(), mount.uuid()));
            tx.execute(diesel::delete(row)).await?
        }
        Holder::Egg(egg) => {
            let row = egg_mounts::table.find((egg.uuid(), mount.uuid()));
            tx.execute(diesel::delete(row)).await?
        }
    };
    Ok(gone > 0)
}

/// The servers that have a mount; those of one node or egg only, when one is given.
pub async fn servers_with(
    conn: &mut impl Readable,
    mount: MountId,
    holder: Option<Holder>,
) -> Result<Vec<ServerId>, Error> {
    let mut query = server_mounts::table
        .inner_join(servers::table)
        .filter(server_mounts::mount_id.eq(mount.uuid()))
        .select(servers::id)
        .into_boxed();
    match holder {
        Some(Holder::Node(node)) => query = query.filter(servers::node_id.eq(node.uuid())),
        Some(Holder::Egg(egg)) => query = query.filter(servers::egg_id.eq(egg.uuid())),
        None => {}
    }
    let ids: Vec<Uuid> = conn.load(query).await?;
    Ok(ids.into_iter().map(ServerId::from).collect())
}

/// One page of the mounts that a server may have, by name, with since when it has each, and how many.
pub async fn of_server(
    conn: &mut impl Readable,
    offered: Offered,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Mount, Option<DateTime<Utc>>)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        let on_node = node_mounts::mount_id
            .eq(mounts::id)
            .and(node_mounts::node_id.eq(offered.node.uuid()));
        let on_egg = egg_mounts::mount_id
            .eq(mounts::id)
            .and(egg_mounts::egg_id.eq(offered.egg.uuid()));
        let on_server = server_mounts::mount_id
            .eq(mounts::id)
            .and(server_mounts::server_id.eq(offered.server.uuid()));
        mounts::table
            .inner_join(node_mounts::table.on(on_node))
            .inner_join(egg_mounts::table.on(on_egg))
            .left_join(server_mounts::table.on(on_server))
            .filter(mounts::name.ilike(pattern.clone()))
            .filter(mounts::user_mountable.or((!offered.to_users).into_sql::<Bool>()))
            .filter(
                server_mounts::created_at
                    .nullable()
                    .is_not_null()
                    .or((!offered.attached).into_sql::<Bool>()),
            )
    };
    conn.page(
        found().count(),
        found()
            .order((mounts::name, mounts::id))
            .offset(offset)
            .limit(limit)
            .select((Mount::as_select(), server_mounts::created_at.nullable())),
    )
    .await
}

/// A mount, if the server may have it.
pub async fn find_offered(
    conn: &mut impl Readable,
    offered: Offered,
    id: MountId,
) -> Result<Option<Mount>, Error> {
    let on_node = node_mounts::mount_id
        .eq(mounts::id)
        .and(node_mounts::node_id.eq(offered.node.uuid()));
    let on_egg = egg_mounts::mount_id
        .eq(mounts::id)
        .and(egg_mounts::egg_id.eq(offered.egg.uuid()));
    conn.optional(
        mounts::table
            .inner_join(node_mounts::table.on(on_node))
            .inner_join(egg_mounts::table.on(on_egg))
            .filter(mounts::id.eq(id.uuid()))
            .filter(mounts::user_mountable.or((!offered.to_users).into_sql::<Bool>()))
            .select(Mount::as_select()),
    )
    .await
}

/// The mounts that take effect in these servers on this node: those that they have, and that the node and their egg both have.
pub async fn of_servers(
    conn: &mut impl Readable,
    node: NodeId,
    ids: &[ServerId],
) -> Result<Vec<(ServerId, Mount)>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let on_node = node_mounts::mount_id
        .eq(mounts::id)
        .and(node_mounts::node_id.eq(node.uuid()));
    let on_egg = egg_mounts::mount_id
        .eq(mounts::id)
        .and(egg_mounts::egg_id.eq(servers::egg_id));
    let rows: Vec<(Uuid, Mount)> = conn
        .load(
            server_mounts::table
                .inner_join(servers::table)
                .inner_join(mounts::table)
                .inner_join(node_mounts::table.on(on_node))
                .inner_join(egg_mounts::table.on(on_egg))
                .filter(server_mounts::server_id.eq_any(ids))
                .order((mounts::name, mounts::id))
                .select((servers::id, Mount::as_select())),
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|(server, mount)| (ServerId::from(server), mount))
        .collect())
}

/// Gives a server a mount.
///
/// # Errors
/// [`Error::Conflict`] on `server_mounts_pkey` when it has it already.
pub async fn attach(
    tx: &mut Tx,
    server: ServerId,
    mount: MountId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    tx.execute(diesel::insert_into(server_mounts::table).values((
        server_mounts::server_id.eq(server.uuid()),
        server_mounts::mount_id.eq(mount.uuid()),
        server_mounts::created_at.eq(now),
    )))
    .await?;
    Ok(())
}

/// Takes a mount from a server. `false`: it had none of this id.
pub async fn detach(tx: &mut Tx, server: ServerId, mount: MountId) -> Result<bool, Error> {
    let row = server_mounts::table.find((server.uuid(), mount.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}
