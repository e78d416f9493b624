//! Mounts: folders of nodes that servers may have in their containers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::egg::AdminEgg;
use crate::nest::Nest;
use crate::node::Node;
use crate::page::Page;
use crate::server::AdminServer;

/// A mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Mount {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// The folder on nodes.
    pub source: String,
    /// Where it is in containers.
    pub target: String,
    /// Whether servers cannot write there.
    pub read_only: bool,
    /// Whether users may choose it for their servers.
    pub user_mountable: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMount {
    /// What people call it; unique among mounts.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// Free text about it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1024)]
    pub description: Option<String>,
    /// The folder on nodes, from the root on. A daemon takes those only that its own configuration allows.
    #[schema(min_length = 1, max_length = 255)]
    pub source: String,
    /// Where it is in containers, from the root on.
    #[schema(min_length = 1, max_length = 255)]
    pub target: String,
    /// Whether servers cannot write there.
    pub read_only: bool,
    /// Whether users may choose it for their servers.
    pub user_mountable: bool,
}

/// Changes of a mount; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMount {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text about it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// The folder on nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it is in containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whether servers cannot write there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether users may choose it for their servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_mountable: Option<bool>,
}

/// A mount like another one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateMount {
    /// What people call the new one.
    pub name: String,
    /// Its folder on nodes.
    pub source: String,
    /// Where it is in containers.
    pub target: String,
}

/// One mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MountBody {
    /// The mount.
    pub mount: Mount,
}

/// A page of mounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Mounts {
    /// The mounts.
    pub mounts: Page<Mount>,
}

/// A mount on something that has it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttachedMount {
    /// The mount.
    pub mount: Mount,
    /// Since when it is there.
    pub created: DateTime<Utc>,
}

/// A page of mounts on something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttachedMounts {
    /// The mounts.
    pub mounts: Page<AttachedMount>,
}

/// A mount that a server has, or could have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OfferedMount {
    /// The mount.
    pub mount: Mount,
    /// Since when the server has it; nothing while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<DateTime<Utc>>,
}

/// A page of the mounts that a server has, or could have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OfferedMounts {
    /// The mounts.
    pub mounts: Page<OfferedMount>,
}

/// Which mount is to be attached.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachMount {
    /// Its id.
    pub mount_uuid: Uuid,
}

/// A mount as the users of a server see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerMount {
    /// Identifier.
    pub uuid: Uuid,
    /// What it is called.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Where it is in the container.
    pub target: String,
    /// Whether the server cannot write there.
    pub read_only: bool,
    /// Since when the server has it; nothing while it has not.
    pub created: Option<DateTime<Utc>>,
}

/// A page of the mounts that a server's users may choose.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerMounts {
    /// The mounts.
    pub mounts: Page<ServerMount>,
}

/// A node that has a mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeWithMount {
    /// The node.
    pub node: Node,
    /// Since when.
    pub created: DateTime<Utc>,
}

/// A page of the nodes that have a mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodesWithMount {
    /// The nodes.
    pub node_mounts: Page<NodeWithMount>,
}

/// An egg that has a mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggWithMount {
    /// The egg's nest.
    pub nest: Nest,
    /// The egg.
    pub nest_egg: AdminEgg,
    /// Since when.
    pub created: DateTime<Utc>,
}

/// A page of the eggs that have a mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggsWithMount {
    /// The eggs.
    pub nest_egg_mounts: Page<EggWithMount>,
}

/// A server that has a mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerWithMount {
    /// The server.
    pub server: AdminServer,
    /// Since when.
    pub created: DateTime<Utc>,
}

/// A page of the servers that have a mount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServersWithMount {
    /// The servers.
    pub server_mounts: Page<ServerWithMount>,
}
