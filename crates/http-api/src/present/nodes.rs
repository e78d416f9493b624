//! How nodes and their addresses look to clients.

use panel_api_types::allocation::NodeAllocation;
use panel_api_types::node::{Node, NodeAllocated, NodeCapacity, NodeLimits, NodeStatus, NodeToken};
use panel_service::{Error, allocations, nodes};

use super::{locations, servers};

/// A node. What it signs in with stays in the house.
pub(crate) fn node(info: nodes::NodeInfo) -> Node {
    let nodes::NodeInfo { node, location } = info;
    Node {
        uuid: node.id.uuid(),
        location: locations::location(location),
        backup_configuration: None,
        backup_configuration_uuid: node.backup_configuration_id.map(Into::into),
        name: node.name,
        description: node.description,
        deployment_enabled: node.deployment_enabled,
        maintenance_enabled: node.maintenance_enabled,
        public_url: node.public_url,
        url: node.url,
        sftp_host: node.sftp_host,
        sftp_port: port(node.sftp_port),
        memory: node.memory_mib,
        disk: node.disk_mib,
        created: node.created_at,
    }
}

/// How much of a node is given to servers.
pub(crate) fn capacity(allocated: nodes::Allocated) -> NodeCapacity {
    NodeCapacity {
        allocated: NodeAllocated {
            servers: allocated.servers,
            cpu: allocated.cpu_percent,
            memory: allocated.memory_mib,
            memory_overhead: allocated.memory_overhead_mib,
            disk: allocated.disk_mib,
        },
        limits: NodeLimits {
            memory: allocated.memory_limit_mib,
            disk: allocated.disk_limit_mib,
        },
    }
}

/// What the panel knows of a daemon.
pub(crate) fn status(status: nodes::NodeStatus) -> NodeStatus {
    NodeStatus {
        reachable: status.reachable,
        flavour: status.flavour,
        version: status.version,
        last_seen: status.last_seen,
        error: status.error,
    }
}

/// A node's token, for those who may see it.
pub(crate) fn token(credential: nodes::Credential) -> NodeToken {
    NodeToken {
        token_id: credential.token_id,
        token: credential.token.into_exposed(),
    }
}

/// An address of a node.
///
/// # Errors
/// As for the server that has it.
pub(crate) fn allocation(shown: allocations::NodeAllocation) -> Result<NodeAllocation, Error> {
    let row = shown.allocation;
    Ok(NodeAllocation {
        uuid: row.id.uuid(),
        server: shown.server.map(servers::admin_server).transpose()?,
        ip: row.ip.addr().to_string(),
        ip_alias: row.ip_alias,
        port: port(row.port),
        created: row.created_at,
    })
}

/// The table allows ports only.
fn port(port: i32) -> u16 {
    u16::try_from(port).unwrap_or_default()
}
