//! Adding a node like another one.

use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;

use super::create::{NewNode, insert};
use super::{NodeInfo, find};
use crate::cx::Cx;
use crate::error::Error;

/// Adds a node with the settings of `id` under another name: with a token of its own, without addresses and servers.
///
/// # Errors
/// As for adding one, and [`Error::NotFound`].
pub async fn duplicate(cx: &Cx, id: NodeId, name: String) -> Result<NodeInfo, Error> {
    cx.require_admin(AdminPermission::NodesCreate)?;
    let NodeInfo { node, .. } = find(cx, id).await?;
    let input = NewNode {
        location: node.location_id,
        name,
        description: node.description,
        deployment_enabled: node.deployment_enabled,
        maintenance_enabled: node.maintenance_enabled,
        url: node.url,
        public_url: node.public_url,
        sftp_host: node.sftp_host,
        sftp_port: u16::try_from(node.sftp_port).map_err(Error::internal)?,
        memory_mib: node.memory_mib,
        disk_mib: node.disk_mib,
        backup_configuration: node.backup_configuration_id,
    };
    insert(cx, input).await
}
