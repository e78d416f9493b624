//! Removing a node.

use panel_cache::Key;
use panel_domain::activity::Event;
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_storage::consistency::RevocationKind;
use panel_storage::{nodes, transfers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NodeInfo, find};
use crate::cx::Cx;
use crate::error::{Error, in_use};
use crate::node_calls::NodeKey;

/// The constraint that a backup which is there has a node.
const BACKUPS: &str = "backups_node_id_fkey";

/// Removes a node without servers and backups, and its addresses. Its daemon is no longer let in.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while servers are on it or moving to it, or backups.
pub async fn delete(cx: &Cx, id: NodeId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NodesDelete)?;
    let NodeInfo { node, .. } = find(cx, id).await?;
    let entry = cx.entry(Event::NodeDelete, json!({ "uuid": id, "name": node.name }));
    let entry = &entry;
    let left = cx.entry(Event::AdminServerCopyLeft, json!({}));
    let left = &left;
    cx.write(|tx| {
        async move {
            // Nobody removes them any more: whoever has the machine is told which.
            let copies = transfers::copies_on(tx, id).await?;
            if !copies.is_empty() {
                let details =
                    json!({ "node": id, "servers": copies, "error": "the node was deleted" });
                left.clone().with(details).record(tx);
            }
            let deleted = nodes::delete(tx, id).await.map_err(|error| match &error {
                panel_storage::Error::ForeignKey { constraint } if constraint == BACKUPS => {
                    Error::conflict(
                        "node_has_backups",
                        "this node still has backups: delete them first",
                    )
                }
                _ => in_use(
                    error,
                    "node_has_servers",
                    "this node still has servers: move or delete them first",
                ),
            })?;
            if !deleted {
                return Err(Error::not_found("node"));
            }
            tx.invalidate(NodeKey(id).name());
            tx.revoke(RevocationKind::Node, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    cx.parts().nodes.forget(id);
    Ok(())
}
