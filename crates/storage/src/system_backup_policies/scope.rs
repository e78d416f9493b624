//! What policies cover.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use panel_domain::id::{LocationId, NodeId, ServerId, SystemBackupPolicyId};
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::locations::Location;
use crate::nodes::Node;
use crate::schema::{
    locations, nodes, servers, system_backup_policy_locations as policy_locations,
    system_backup_policy_nodes as policy_nodes, system_backup_policy_servers as policy_servers,
};
use crate::servers::{ServerDetails, details};
use crate::types::contains;

/// Something that a policy covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// Every server of a location.
    Location(LocationId),
    /// Every server of a node.
    Node(NodeId),
    /// A server.
    Server(ServerId),
}

/// Has a policy cover something.
///
/// # Errors
/// [`Error::Conflict`] when it does already, [`Error::ForeignKey`] when one of them is not there.
pub async fn attach(
    tx: &mut Tx,
    policy: SystemBackupPolicyId,
    covered: Covered,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    match covered {
        Covered::Location(location) => {
            tx.execute(diesel::insert_into(policy_locations::table).values((
                policy_locations::policy_id.eq(policy.uuid()),
                policy_locations::location_id.eq(location.uuid()),
                policy_locations::created_at.eq(now),
            )))
            .await?;
        }
        Covered::Node(node) => {
            tx.execute(diesel::insert_into(policy_nodes::table).values((
                policy_nodes::policy_id.eq(policy.uuid()),
                policy_nodes::node_id.eq(node.uuid()),
                policy_nodes::created_at.eq(now),
            )))
            .await?;
        }
        Covered::Server(server) => {
            tx.execute(diesel::insert_into(policy_servers::table).values((
                policy_servers::policy_id.eq(policy.uuid()),
                policy_servers::server_id.eq(server.uuid()),
                policy_servers::created_at.eq(now),
            )))
            .await?;
        }
    }
    Ok(())
}

/// Has a policy no longer cover something. `false`: it did not.
pub async fn detach(
    tx: &mut Tx,
    policy: SystemBackupPolicyId,
    covered: Covered,
) -> Result<bool, Error> {
    let policy = policy.uuid();
    let gone = match covered {
        Covered::Location(location) => {
            let row = policy_locations::table.find((policy, location.uuid()));
            tx.execute(diesel::delete(row)).await?
        }
        Covered::Node(node) => {
            let row = policy_nodes::table.find((policy, node.uuid()));
            tx.execute(diesel::delete(row)).await?
        }
        Covered::Server(server) => {
            let row = policy_servers::table.find((policy, server.uuid()));
            tx.execute(diesel::delete(row)).await?
        }
    };
    Ok(gone > 0)
}

/// One page of the locations that a policy names, by name, since when, and how many there are.
pub async fn locations_of(
    conn: &mut impl Readable,
    policy: SystemBackupPolicyId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Location, DateTime<Utc>)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        policy_locations::table
            .inner_join(locations::table)
            .filter(policy_locations::policy_id.eq(policy.uuid()))
            .filter(locations::name.ilike(pattern.clone()))
    };
    let page = found()
        .order((locations::name, locations::id))
        .offset(offset)
        .limit(limit);
    let page = page.select((Location::as_select(), policy_locations::created_at));
    conn.page(found().count(), page).await
}

/// A node with its location, and since when a policy names it.
pub type NodeSince = (Node, Location, DateTime<Utc>);

/// One page of the nodes that a policy names, by name, since when, and how many there are.
pub async fn nodes_of(
    conn: &mut impl Readable,
    policy: SystemBackupPolicyId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<NodeSince>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        policy_nodes::table
            .inner_join(nodes::table.inner_join(locations::table))
            .filter(policy_nodes::policy_id.eq(policy.uuid()))
            .filter(nodes::name.ilike(pattern.clone()))
    };
    let page = found()
        .order((nodes::name, nodes::id))
        .offset(offset)
        .limit(limit);
    let page = page.select((
        Node::as_select(),
        Location::as_select(),
        policy_nodes::created_at,
    ));
    conn.page(found().count(), page).await
}

/// One page of the servers that a policy names, by name, since when, and how many there are.
pub async fn servers_of(
    conn: &mut impl Readable,
    policy: SystemBackupPolicyId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(ServerDetails, DateTime<Utc>)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        policy_servers::table
            .inner_join(servers::table)
            .filter(policy_servers::policy_id.eq(policy.uuid()))
            .filter(servers::name.ilike(pattern.clone()))
    };
    let page = found()
        .order((servers::name, servers::id))
        .offset(offset)
        .limit(limit);
    let page = page.select((servers::id, policy_servers::created_at));
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
