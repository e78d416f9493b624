//! Nodes: machines that run Wings.

mod configuration;
mod create;
mod daemon;
mod delete;
mod duplicate;
mod features;
mod read;
mod servers;
mod status;
mod system;
mod token;
mod transfers;
mod update;

pub use configuration::configuration;
pub use create::{NewNode, create};
pub use daemon::{configure_daemon, configure_daemons, daemon_configuration, log, logs};
pub use delete::delete;
pub use duplicate::duplicate;
pub use features::features;
pub use panel_storage::nodes::Node;
pub(crate) use read::find;
pub use read::{Allocated, NodeInfo, capacity, get, list};
pub use servers::{ServerSelector, power, resources, servers};
pub use status::{NodeStatus, status};
pub use system::{overview, statistics};
pub use token::{Credential, read_token, reset_token};
pub use transfers::{Progress, TransferMany, moving_servers, transfer_many, transfers};
pub use update::{NodeUpdate, update};

use panel_domain::node::NodeInput;

use crate::error::Error;

/// What the table's rule on names means to somebody who broke it.
const NAME_KEY: &str = "nodes_name_key";
const NAME_TAKEN: &str = "is the name of another node";

/// The answer to a location that is not there, as the database's rule noticed it.
fn no_location(error: Error) -> Error {
    match error {
        Error::Conflict { code: "in_use", .. } => {
            Error::invalid("location_uuid", "must be a location that exists")
        }
        other => other,
    }
}

/// A node's row as the domain's rules look at it.
fn input_of(node: &Node) -> NodeInput<'_> {
    NodeInput {
        name: &node.name,
        description: node.description.as_deref(),
        url: &node.url,
        public_url: node.public_url.as_deref(),
        sftp_host: node.sftp_host.as_deref(),
        sftp_port: i64::from(node.sftp_port),
        memory: node.memory_mib,
        disk: node.disk_mib,
    }
}
