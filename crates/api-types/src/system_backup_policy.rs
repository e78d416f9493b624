//! Policies by which the panel has backups made by itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::backup_configuration::BackupConfiguration;
use crate::location::Location;
use crate::node::Node;
use crate::page::Page;
use crate::server::AdminServer;

/// A policy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SystemBackupPolicy {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Always null: see `backup_configuration_uuid`.
    pub backup_configuration: Option<BackupConfiguration>,
    /// Where its backups go; where each server's go when null.
    pub backup_configuration_uuid: Option<Uuid>,
    /// Whether it is followed.
    pub enabled: bool,
    /// When it is due, in UTC.
    pub cron: String,
    /// How many of its backups are made at the same time on each node.
    pub parallelism: i32,
    /// How many of them are kept of each server; all when null.
    pub retention_count: Option<i32>,
    /// For how many days they are kept; for ever when null.
    pub retention_days: Option<i32>,
    /// When it last began, by itself or by hand.
    pub triggered: Option<DateTime<Utc>>,
    /// When it is due next; null while it is disabled.
    pub next_due: Option<DateTime<Utc>>,
    /// Nodes that it names.
    pub total_nodes: i64,
    /// Locations that it names.
    pub total_locations: i64,
    /// Servers that it names.
    pub total_servers: i64,
    /// Backups that it has made and that are there.
    pub total_backups: i64,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new policy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSystemBackupPolicy {
    /// What people call it; unique among policies.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Where its backups go; where each server's go when null.
    pub backup_configuration_uuid: Option<Uuid>,
    /// Whether it is followed.
    pub enabled: bool,
    /// When it is due, in UTC: `minute hour day-of-month month day-of-week`, with seconds in front or without.
    pub cron: String,
    /// How many of its backups are made at the same time on each node.
    #[schema(minimum = 1, maximum = 100)]
    pub parallelism: i32,
    /// How many of them are kept of each server; all when null.
    #[schema(minimum = 1)]
    pub retention_count: Option<i32>,
    /// For how many days they are kept; for ever when null.
    #[schema(minimum = 1)]
    pub retention_days: Option<i32>,
}

/// Changes of a policy; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSystemBackupPolicy {
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
    /// Where its backups go.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub backup_configuration_uuid: Option<Option<Uuid>>,
    /// Whether it is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// When it is due, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// How many of its backups are made at the same time on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub parallelism: Option<i32>,
    /// How many of them are kept of each server.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub retention_count: Option<Option<i32>>,
    /// For how many days they are kept.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub retention_days: Option<Option<i32>>,
}

/// What becomes of the backups of a policy that goes.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteSystemBackupPolicy {
    /// Whether they are deleted, too. Otherwise they become backups like any other of their servers, and count against their limits.
    #[serde(default)]
    pub delete_backups: bool,
}

/// One policy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SystemBackupPolicyBody {
    /// The policy.
    pub system_backup_policy: SystemBackupPolicy,
}

/// A page of policies.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SystemBackupPolicies {
    /// The policies.
    pub system_backup_policies: Page<SystemBackupPolicy>,
}

/// A location that a policy covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CoveredLocation {
    /// The location.
    pub location: Location,
    /// Since when.
    pub created: DateTime<Utc>,
}

/// A page of the locations that a policy covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CoveredLocations {
    /// The locations.
    pub locations: Page<CoveredLocation>,
}

/// A location that a policy is to cover.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverLocation {
    /// Its id.
    pub location_uuid: Uuid,
}

/// A node that a policy covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CoveredNode {
    /// The node.
    pub node: Node,
    /// Since when.
    pub created: DateTime<Utc>,
}

/// A page of the nodes that a policy covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CoveredNodes {
    /// The nodes.
    pub nodes: Page<CoveredNode>,
}

/// A node that a policy is to cover.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverNode {
    /// Its id.
    pub node_uuid: Uuid,
}

/// A server that a policy covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CoveredServer {
    /// The server.
    pub server: AdminServer,
    /// Since when.
    pub created: DateTime<Utc>,
}

/// A page of the servers that a policy covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CoveredServers {
    /// The servers.
    pub servers: Page<CoveredServer>,
}

/// A server that a policy is to cover.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverServer {
    /// Its id.
    pub server_uuid: Uuid,
}
