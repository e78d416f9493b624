//! What servers use at this moment. Asked only while somebody looks, once for all lookers, never more than every 2 s.

use std::collections::HashMap;
use std::time::Duration;

use panel_cache::{Key, Loaded, Reader};
use panel_domain::id::{NodeId, ServerId, ServerRef};
use panel_domain::permission::AdminPermission;
use panel_domain::policy;
use panel_storage::nodes;
use panel_storage::servers::{self, Allowance, Scope};
use serde::{Deserialize, Serialize};
use wings_client::wire::server::Utilization;

use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// How long one answer of a node serves everybody who looks.
const SHARED_FOR: Duration = Duration::from_secs(2);

/// What a server uses.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// As its node says.
    pub now: Utilization,
    /// Percent of a core that it may use; 0 is unlimited.
    pub cpu_limit: i32,
    /// MiB of memory that it may use; 0 is unlimited.
    pub memory_limit_mib: i64,
}

/// What the servers of a node use: for the caches only.
struct NodeLoadKey(NodeId);

/// A node's word, or its silence: that too is shared, so that a dead node is not asked by every looker.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum NodeLoad {
    Known(HashMap<ServerId, Utilization>),
    Unreachable,
    Refused { status: u16, message: String },
}

impl Key for NodeLoadKey {
    type Value = NodeLoad;
    const KIND: &'static str = "node_load";

    fn id(&self) -> String {
        self.0.to_string()
    }
}

/// What one server uses.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NodeUnreachable`]; [`Error::Conflict`] when its node does not have it (yet).
pub async fn resources(cx: &Cx, server: ServerRef) -> Result<Usage, Error> {
    let seen = cx.see_server(server).await?;
    let facts = seen.resource();
    let load = load_of(cx, facts.node).await?;
    let now = *load.get(&facts.id).ok_or_else(not_on_node)?;
    let row = super::lookup::shown(cx, facts.id).await?;
    Ok(Usage {
        now,
        cpu_limit: row.cpu_percent,
        memory_limit_mib: row.memory_mib,
    })
}

fn not_on_node() -> Error {
    Error::conflict(
        "server_not_on_node",
        "the node does not have this server yet; try again when its installation has begun",
    )
}

/// What the servers of a node use that the caller sees.
///
/// # Errors
/// [`Error::NotFound`] for who sees none there, [`Error::NodeUnreachable`].
pub async fn node_resources(cx: &Cx, node: NodeId) -> Result<Vec<(ServerId, Usage)>, Error> {
    let user = policy::active(cx.actor())?.id;
    let scope = if policy::sees_all_servers(cx.actor()) {
        Scope::All
    } else {
        Scope::User(user)
    };
    let mut conn = cx.read().await?;
    let allowances: Vec<Allowance> = servers::allowances_on_node(&mut conn, scope, node).await?;
    if allowances.is_empty() {
        let knows_of_it =
            scope == Scope::All || policy::may(cx.actor(), AdminPermission::NodesRead).is_ok();
        if !knows_of_it || nodes::find(&mut conn, node).await?.is_none() {
            return Err(Error::not_found("node"));
        }
        return Ok(Vec::new());
    }
    drop(conn);
    let load = load_of(cx, node).await?;
    Ok(allowances
        .into_iter()
        .filter_map(|allowance| {
            let usage = Usage {
                now: *load.get(&allowance.id)?,
                cpu_limit: allowance.cpu_percent,
                memory_limit_mib: allowance.memory_mib,
            };
            Some((allowance.id, usage))
        })
        .collect())
}

async fn load_of(cx: &Cx, node: NodeId) -> Result<HashMap<ServerId, Utilization>, Error> {
    let cache = &cx.parts().cache;
    // The node's word does not come from the database: it is as new as anybody can ask for.
    let load = cache
        .get_or_load(&NodeLoadKey(node), SHARED_FOR, Reader::Any, || async {
            let load = ask(cx, node).await?;
            Ok::<_, Error>(match cache.watermark() {
                Some(mark) => Loaded::at(mark, load),
                None => Loaded::uncacheable(load),
            })
        })
        .await?;
    match load {
        NodeLoad::Known(load) => Ok(load),
        NodeLoad::Unreachable => Err(Error::NodeUnreachable),
        NodeLoad::Refused { status, message } => Err(Error::NodeRefused { status, message }),
    }
}

async fn ask(cx: &Cx, node: NodeId) -> Result<NodeLoad, Error> {
    let client = node_calls::client(cx, node).await?;
    match client.servers().await.map_err(Error::from) {
        Ok(servers) => Ok(NodeLoad::Known(
            servers
                .into_iter()
                .filter_map(|server| Some((ServerId::from(server.uuid()?), server.utilization)))
                .collect(),
        )),
        Err(Error::NodeUnreachable) => Ok(NodeLoad::Unreachable),
        Err(Error::NodeRefused { status, message }) => Ok(NodeLoad::Refused { status, message }),
        Err(other) => Err(other),
    }
}
