//! Reading nodes.

use panel_domain::id::NodeId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::locations::Location;
use panel_storage::nodes::{self, Node, NodeFilter};

use crate::cx::Cx;
use crate::error::Error;

/// A node and where it stands.
#[derive(Debug, Clone)]
pub struct NodeInfo {
    /// The node.
    pub node: Node,
    /// Where it stands.
    pub location: Location,
}

impl From<(Node, Location)> for NodeInfo {
    fn from((node, location): (Node, Location)) -> Self {
        Self { node, location }
    }
}

/// One page of nodes by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`] without the permission to see nodes.
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<NodeInfo>, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    let filter = NodeFilter {
        search: search.map(str::to_owned),
        location_id: None,
    };
    let mut conn = cx.read().await?;
    let (rows, total) = nodes::list(&mut conn, &filter, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows).map(NodeInfo::from))
}

/// One node.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: NodeId) -> Result<NodeInfo, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    find(cx, id).await
}

/// What the servers of a node were promised, beside what it has.
#[derive(Debug, Clone, Copy)]
pub struct Allocated {
    /// Number of servers.
    pub servers: i64,
    /// CPU in percent of a core.
    pub cpu_percent: i64,
    /// Memory in MiB, without overhead.
    pub memory_mib: i64,
    /// Memory beside the servers' own, in MiB.
    pub memory_overhead_mib: i64,
    /// Disk in MiB.
    pub disk_mib: i64,
    /// What the node has of memory, in MiB; 0 is unlimited.
    pub memory_limit_mib: i64,
    /// What the node has of disk, in MiB; 0 is unlimited.
    pub disk_limit_mib: i64,
}

/// How much of a node is given to servers.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn capacity(cx: &Cx, id: NodeId) -> Result<Allocated, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    let NodeInfo { node, .. } = find(cx, id).await?;
    let promised = nodes::promises(&mut cx.read().await?, id).await?;
    Ok(Allocated {
        servers: promised.servers,
        cpu_percent: promised.cpu_percent,
        memory_mib: promised.memory_mib,
        memory_overhead_mib: promised.memory_overhead_mib,
        disk_mib: promised.disk_mib,
        memory_limit_mib: node.memory_mib,
        disk_limit_mib: node.disk_mib,
    })
}

pub(crate) async fn find(cx: &Cx, id: NodeId) -> Result<NodeInfo, Error> {
    let found = nodes::find(&mut cx.read().await?, id).await?;
    found.map(NodeInfo::from).ok_or(Error::not_found("node"))
}
