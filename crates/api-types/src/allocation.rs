//! Allocations: addresses and ports of nodes, and their use by servers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use std::net::IpAddr;

use crate::page::Page;
use crate::server::AdminServer;

/// An address and port of a node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeAllocation {
    /// Identifier.
    pub uuid: Uuid,
    /// The server that uses it.
    pub server: Option<AdminServer>,
    /// Address.
    pub ip: String,
    /// Name or address shown to people instead of the address.
    pub ip_alias: Option<String>,
    /// Port.
    pub port: u16,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// New allocations of one address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAllocations {
    /// Address; several with commas between, or a network such as `192.0.2.0/29` for all of its addresses.
    pub ip: String,
    #[schema(min_length = 1, max_length = 255)]
    /// Name or address shown to people instead of the address.
    pub ip_alias: Option<String>,
    /// The ports, 1 to 65535. Those that exist already are left as they are.
    #[serde(default)]
    pub ports: Vec<i64>,
    /// More ports, as people write them: `25565-25600, 27015`.
    #[serde(default)]
    pub port_ranges: Vec<String>,
}

/// How many allocations were made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedAllocations {
    /// Number of new ones.
    pub created: i64,
}

/// A change of several allocations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAllocations {
    /// Which ones.
    pub selector: AllocationSelector,
    #[schema(value_type = String)]
    /// Address.
    pub ip: IpAddr,
    /// Name or address shown to people instead of the address.
    pub ip_alias: Option<String>,
}

/// How many allocations were changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdatedAllocations {
    /// Number of changed ones.
    pub updated: i64,
    /// Number of those left alone, because their new address exists already.
    pub skipped: i64,
}

/// A deletion of several allocations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteAllocations {
    /// Which ones.
    pub selector: AllocationSelector,
    /// Whether those used by servers are deleted too.
    #[serde(default)]
    pub force: bool,
}

/// How many allocations were deleted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeletedAllocations {
    /// Number of deleted ones.
    pub deleted: i64,
    /// Number of those left alone, because servers use them.
    pub skipped: i64,
}

/// Which allocations are meant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocationFilter {
    /// Part of a name or another text to look for.
    #[serde(default)]
    pub search: Option<String>,
    /// Whether they are used by a server.
    #[serde(default)]
    pub assigned: Option<bool>,
    /// Address.
    #[serde(default)]
    pub ip: Option<String>,
    /// Lowest port.
    #[serde(default)]
    pub port_from: Option<u16>,
    /// Highest port.
    #[serde(default)]
    pub port_to: Option<u16>,
}

/// A page of a node's allocations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeAllocations {
    /// The allocations.
    pub allocations: Page<NodeAllocation>,
}

/// The addresses that a node has allocations of.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeIps {
    /// The addresses.
    pub ips: Vec<String>,
}

/// An allocation that a server uses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerAllocation {
    /// Identifier.
    pub uuid: Uuid,
    /// Address.
    pub ip: String,
    /// Name or address shown to people instead of the address.
    pub ip_alias: Option<String>,
    /// Port.
    pub port: u16,
    /// The owner's own remark.
    pub notes: Option<String>,
    /// Whether the server listens here by default.
    pub is_primary: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// An allocation for a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddServerAllocation {
    /// A free allocation of the server's node.
    pub allocation_uuid: Uuid,
}

/// Changes of a server's allocation; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateServerAllocation {
    /// The owner's own remark.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub notes: Option<Option<String>>,
    /// Whether the server listens here by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

/// One allocation of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerAllocationBody {
    /// The allocation.
    pub allocation: ServerAllocation,
}

/// A page of a server's allocations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerAllocations {
    /// The allocations.
    pub allocations: Page<ServerAllocation>,
}

/// Which allocations a change is for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AllocationSelector {
    /// These.
    Uuids {
        /// Their identifiers.
        uuids: Vec<Uuid>,
    },
    /// All of the node.
    All,
    /// Those that the filter lets through.
    Filter {
        /// The filter.
        filter: AllocationFilter,
    },
}

/// Which allocations of a node a list shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AllocationsQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of an address, an alias or a port.
    pub search: Option<String>,
    /// Only those of this address.
    pub ip: Option<String>,
    /// Lowest port.
    pub port_from: Option<u16>,
    /// Highest port.
    pub port_to: Option<u16>,
    /// Only those that a server uses, or only those that none uses.
    pub assigned: Option<bool>,
}

impl AllocationsQuery {
    /// The page to load.
    #[must_use]
    pub fn page(&self) -> panel_domain::page::Page {
        panel_domain::page::Page::new(self.page, self.per_page)
    }
}
