//! Where a mount is: the nodes, eggs and servers that have it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use panel_domain::id::{MountId, ServerId};
use uuid::Uuid;

use crate::db::Readable;
use crate::eggs::Egg;
use crate::error::Error;
use crate::locations::Location;
use crate::nests::Nest;
use crate::nodes::Node;
use crate::schema::{
    egg_mounts, eggs, locations, nests, node_mounts, nodes, server_mounts, servers,
};
use crate::servers::{ServerDetails, details};
use crate::types::contains;

/// A node with its location, and since when it has a mount.
pub type NodeWith = (Node, Location, DateTime<Utc>);
/// An egg with its nest, and since when it has a mount.
pub type EggWith = (Nest, Egg, DateTime<Utc>);

/// One page of the nodes that have a mount, by name, those whose name contains `search`, and how many there are.
pub async fn nodes_with(
    conn: &mut impl Readable,
    mount: MountId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<NodeWith>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        node_mounts::table
            .inner_join(nodes::table.inner_join(locations::table))
            .filter(node_mounts::mount_id.eq(mount.uuid()))
            .filter(nodes::name.ilike(pattern.clone()))
    };
    let page = found()
        .order((nodes::name, nodes::id))
        .offset(offset)
        .limit(limit);
    let page = page.select((
        Node::as_select(),
        Location::as_select(),
        node_mounts::created_at,
    ));
    conn.page(found().count(), page).await
}

/// One page of the eggs that have a mount, by name, those whose name contains `search`, and how many there are.
pub async fn eggs_with(
    conn: &mut impl Readable,
    mount: MountId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<EggWith>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        egg_mounts::table
            .inner_join(eggs::table.inner_join(nests::table))
            .filter(egg_mounts::mount_id.eq(mount.uuid()))
            .filter(eggs::name.ilike(pattern.clone()))
    };
    let page = found()
        .order((eggs::name, eggs::id))
        .offset(offset)
        .limit(limit);
    let page = page.select((Nest::as_select(), Egg::as_select(), egg_mounts::created_at));
    conn.page(found().count(), page).await
}

/// One page of the servers that have a mount, by name, those whose name contains `search`, with since when each has it, and how many
/// there are.
pub async fn servers_page(
    conn: &mut impl Readable,
    mount: MountId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(ServerDetails, DateTime<Utc>)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        server_mounts::table
            .inner_join(servers::table)
            .filter(server_mounts::mount_id.eq(mount.uuid()))
            .filter(servers::name.ilike(pattern.clone()))
    };
    let page = found()
        .order((servers::name, servers::id))
        .offset(offset)
        .limit(limit);
    let page = page.select((servers::id, server_mounts::created_at));
    let (rows, total): (Vec<(Uuid, DateTime<Utc>)>, i64) = conn.page(found().count(), page).await?;
    let ids: Vec<ServerId> = rows.iter().map(|(id, _)| ServerId::from(*id)).collect();
    if ids.is_empty() {
        return Ok((Vec::new(), total));
    }
    let shown = details(conn, &ids).await?;
    let since = |server: ServerId| {
        let row = rows.iter().find(|(id, _)| *id == server.uuid());
        row.map(|(_, since)| *since)
    };
    let shown = shown
        .into_iter()
        .filter_map(|details| since(details.server.id).map(|since| (details, since)));
    Ok((shown.collect(), total))
}
