//! Taking addresses from a node.

use panel_domain::activity::Event;
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_jobs::payload::SyncServer;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::allocations::{self, Selection};
use panel_storage::nodes;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;

/// What came of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// How many were deleted.
    pub deleted: i64,
    /// How many were left alone, because servers use them.
    pub skipped: i64,
}

/// Deletes chosen addresses of a node. Those that servers use stay, unless `force` takes them from the servers first; the servers
/// are told.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(
    cx: &Cx,
    node: NodeId,
    selection: Selection,
    force: bool,
) -> Result<Deleted, Error> {
    cx.require_admin(AdminPermission::NodesAllocations)?;
    let now = cx.now();
    let entry = cx.entry(
        Event::NodeAllocationDelete,
        json!({ "node_uuid": node, "force": force }),
    );
    let (selection, entry) = (&selection, &entry);
    cx.write(|tx| {
        async move {
            nodes::lock(tx, node)
                .await?
                .ok_or(Error::not_found("node"))?;
            let chosen = allocations::count(tx, node, selection).await?;
            let mut bereft = Vec::new();
            if force {
                bereft = allocations::take_back(tx, node, selection).await?;
            }
            let deleted = allocations::delete_free(tx, node, selection).await?;
            for server in bereft {
                let job = SyncServer { server };
                enqueue(tx, &job, now, EnqueueOptions::default())?;
            }
            entry.record(tx);
            let deleted = i64::try_from(deleted).map_err(Error::internal)?;
            Ok(Deleted {
                deleted,
                skipped: chosen - deleted,
            })
        }
        .scope_boxed()
    })
    .await
}
