//! Numbers about the whole panel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many of each thing there are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GeneralStats {
    /// The numbers.
    pub stats: GeneralCounts,
}

/// How many of each thing there are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GeneralCounts {
    /// Users.
    pub users: i64,
    /// Servers.
    pub servers: i64,
    /// Locations.
    pub locations: i64,
    /// Nodes.
    pub nodes: i64,
    /// Eggs.
    pub nest_eggs: i64,
    /// Database hosts.
    pub database_hosts: i64,
    /// Backup configurations.
    pub backup_configurations: i64,
    /// Roles.
    pub roles: i64,
}
