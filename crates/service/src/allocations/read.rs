//! Reading addresses of a node.

use std::collections::HashMap;

use panel_domain::id::{NodeId, ServerId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::allocations::{self, Allocation, AllocationFilter};
use panel_storage::servers as server_rows;

use crate::cx::Cx;
use crate::error::Error;
use crate::servers::{self, AdminServer};

/// An address of a node, and who has it.
#[derive(Debug, Clone)]
pub struct NodeAllocation {
    /// The address.
    pub allocation: Allocation,
    /// The server that has it.
    pub server: Option<AdminServer>,
}

/// One page of a node's addresses by address and port.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn list(
    cx: &Cx,
    node: NodeId,
    filter: AllocationFilter,
    page: Page,
) -> Result<Paged<NodeAllocation>, Error> {
    cx.require_admin(AdminPermission::NodesAllocations)?;
    crate::nodes::find(cx, node).await?;
    let mut conn = cx.read().await?;
    let (rows, total) =
        allocations::list(&mut conn, node, &filter, page.offset(), page.per_page()).await?;
    let mut ids: Vec<ServerId> = rows.iter().filter_map(|(_, server)| *server).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    if !ids.is_empty() {
        let details = server_rows::details(&mut conn, &ids).await?;
        for server in servers::for_admin(details) {
            found.insert(server.details.server.id, server);
        }
    }
    let rows = rows
        .into_iter()
        .map(|(allocation, server)| NodeAllocation {
            allocation,
            server: server.and_then(|id| found.get(&id).cloned()),
        })
        .collect();
    Ok(Paged::new(page, total, rows))
}

/// The distinct addresses of a node, without ports.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn ips(cx: &Cx, node: NodeId) -> Result<Vec<String>, Error> {
    cx.require_admin(AdminPermission::NodesAllocations)?;
    crate::nodes::find(cx, node).await?;
    let ips = allocations::ips(&mut cx.read().await?, node).await?;
    Ok(ips.into_iter().map(|ip| ip.addr().to_string()).collect())
}
