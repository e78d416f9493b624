//! Whether a node's daemon is there, and what it is.

use chrono::{DateTime, Utc};
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_storage::nodes;
use scoped_futures::ScopedFutureExt;
use wings_client::wire::system::SystemInformation;
use wings_client::{Capability, NodeInformation};

use super::NodeInfo;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// What the panel knows of a daemon.
#[derive(Debug, Clone)]
pub struct NodeStatus {
    /// Whether it answered just now, and accepted the panel's token.
    pub reachable: bool,
    /// Which daemon it is, as it last said.
    pub flavour: Option<String>,
    /// Its version, as it last said.
    pub version: Option<String>,
    /// When it last answered.
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
    let NodeInfo { node, .. } = super::find(cx, id).await?;
    let asked = node_calls::client(cx, id).await?.information().await;
    let now = cx.now();
    match asked {
        Ok(NodeInformation {
            profile,
            system: SystemInformation { .. },
        }) => {
            let capabilities: Vec<String> = Capability::ALL
                .into_iter()
                .filter(|capability| profile.capabilities().has(*capability))
                .map(|capability| capability.to_string())
                .collect();
            let sighting = nodes::NodeSighting {
                flavour: profile.flavour.to_string(),
                version: profile.version.as_str().to_owned(),
                capabilities: serde_json::json!(capabilities),
            };
            let sighting_ref = &sighting;
            cx.write(|tx| {
                async move { Ok(nodes::record_seen(tx, id, Some(sighting_ref), now).await?) }
                    .scope_boxed()
            })
            .await?;
            Ok(NodeStatus {
                reachable: true,
                flavour: Some(sighting.flavour),
                version: Some(sighting.version),
                last_seen: Some(now),
                error: None,
            })
        }
        Err(error) => {
            let told = advice(&error);
            let told_ref = told.as_str();
            cx.write(|tx| {
                async move { Ok(nodes::record_unreachable(tx, id, told_ref, now).await?) }
                    .scope_boxed()
            })
            .await?;
            Ok(NodeStatus {
                reachable: false,
                flavour: node.flavour,
                version: node.version,
                last_seen: node.last_seen_at,
                error: Some(told),
            })
        }
    }
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
