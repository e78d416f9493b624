//! What a node's daemon says of its machine.

use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use wings_client::wire::system::{Overview, SystemStats};

use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// The machine, its memory and its servers, as the node says now.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::NodeUnreachable`], [`Error::NodeRefused`], and
/// [`Error::NodeLacksCapability`] for the daemons in Go.
pub async fn overview(cx: &Cx, id: NodeId) -> Result<Overview, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    Ok(node_calls::client(cx, id).await?.overview().await?)
}

/// The load of the machine, as the node says now.
///
/// # Errors
/// As [`overview`].
pub async fn statistics(cx: &Cx, id: NodeId) -> Result<SystemStats, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    Ok(node_calls::client(cx, id).await?.statistics().await?)
}
