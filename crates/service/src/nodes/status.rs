//! Whether a node's daemon is there, and what it is.

use chrono::{DateTime, Utc};
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_storage::nodes;

use crate::cx::Cx;
use crate::error::Error;
use crate::operations::check_node;

/// What the panel knows of a daemon.
#[derive(Debug, Clone)]
pub struct NodeStatus {
    /// Whether it answered just now, and accepted the panel's token.
    pub reachable: bool,
    /// Which daemon it is, as it last said.
    pub flavour: Option<String>,
    /// Its version, as it last said.
    pub version: Option<String>,
    /// When it was last in touch.
    pub last_seen: Option<DateTime<Utc>>,
    /// Why it was not reached just now, and what to do about it.
    pub error: Option<String>,
}

/// Asks a node's daemon what it is, and records the answer.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`]. A node that does not answer is no error.
pub async fn status(cx: &Cx, id: NodeId) -> Result<NodeStatus, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    let before = on_primary(cx, id).await?;
    let failed = check_node(cx, &before).await?;
    let node = on_primary(cx, id).await?;
    Ok(NodeStatus {
        reachable: failed.is_none(),
        flavour: node.flavour,
        version: node.version,
        last_seen: node.last_seen_at,
        error: failed.as_ref().map(advice),
    })
}

async fn on_primary(cx: &Cx, id: NodeId) -> Result<nodes::Node, Error> {
    let found = nodes::find(&mut cx.read_primary().await?, id).await?;
    let (node, _) = found.ok_or(Error::not_found("node"))?;
    Ok(node)
}

/// What went wrong, and what an administrator does about it.
fn advice(error: &wings_client::Error) -> String {
    let next = match error {
        wings_client::Error::Unreachable { .. } => {
            "check that Wings runs, that the node's address is right and that no firewall is between"
        }
        _ if error.is_unauthorized() => {
            "the daemon has another token: put this node's configuration on the machine and restart Wings"
        }
        wings_client::Error::Refused { .. } => "look into the log of Wings on the node",
        _ => "check the node's address: something other than Wings answers there",
    };
    format!("{error}; {next}")
}
