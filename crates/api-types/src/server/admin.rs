//! Servers, as administrators see and make them.

use chrono::{DateTime, Utc};
use panel_domain::server::AddressRules;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AutoKill, AutoStartBehavior, FeatureLimits, ServerStatus, VariableValue};
use crate::allocation::ServerAllocation;
use crate::backup_configuration::BackupConfiguration;
use crate::egg::AdminEgg;
use crate::nest::Nest;
use crate::node::Node;
use crate::page::Page;
use crate::user::AdminUser;

/// A server as administrators see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminServer {
    /// Identifier.
    pub uuid: Uuid,
    /// The first 8 digits of the identifier.
    pub uuid_short: String,
    /// Identifier in another system, such as a billing system.
    pub external_id: Option<String>,
    /// Where the server listens by default.
    pub allocation: Option<ServerAllocation>,
    /// The node it runs on.
    pub node: Node,
    /// The owner.
    pub owner: AdminUser,
    /// The egg it is made from.
    pub egg: AdminEgg,
    /// The egg's nest.
    pub nest: Nest,
    /// Always null: see `backup_configuration_uuid`.
    pub backup_configuration: Option<BackupConfiguration>,
    /// Where its backups go, when set here.
    pub backup_configuration_uuid: Option<Uuid>,
    /// What the server is busy with; null when it is ready.
    pub status: Option<ServerStatus>,
    /// Whether the server is suspended.
    pub is_suspended: bool,
    /// Whether the server is being moved to another node.
    pub is_transferring: bool,
    /// The node it is being moved to.
    pub destination_node_uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// What the container may use.
    pub limits: AdminLimits,
    /// Cores the container may run on; all when empty.
    pub pinned_cpus: Vec<i16>,
    /// How many of each thing the owner may make.
    pub feature_limits: FeatureLimits,
    /// Command that starts the server, with placeholders.
    pub startup: String,
    /// Container image.
    pub image: String,
    /// Whether and when a server that does not stop is killed.
    pub auto_kill: AutoKill,
    /// Whether the server starts together with its node.
    pub auto_start_behavior: AutoStartBehavior,
    /// IANA time zone of the container; the node's when null.
    pub timezone: Option<String>,
    /// Whether huge pages are passed through.
    pub hugepages_passthrough_enabled: bool,
    /// Whether KVM is passed through.
    pub kvm_passthrough_enabled: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// What a server's container may use, as administrators set it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminLimits {
    /// CPU in percent of a core; no limit when 0.
    pub cpu: i32,
    /// Memory in MiB; no limit when 0.
    pub memory: i64,
    /// Memory beside the server's own, in MiB.
    pub memory_overhead: i64,
    /// Swap in MiB; no limit when -1.
    pub swap: i64,
    /// Disk in MiB; no limit when 0.
    pub disk: i64,
    /// Share of disk time, 0 to 1000; the daemon's default when null.
    pub io_weight: Option<i16>,
}

/// One server, as administrators see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminServerBody {
    /// The server.
    pub server: AdminServer,
}

/// A page of servers, as administrators see them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminServers {
    /// The servers.
    pub servers: Page<AdminServer>,
}

/// A new server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateServer {
    /// The node.
    pub node_uuid: Uuid,
    /// The owner.
    pub owner_uuid: Uuid,
    /// The egg.
    pub egg_uuid: Uuid,
    /// Where its backups go; inherited when null.
    pub backup_configuration_uuid: Option<Uuid>,
    /// The primary allocation.
    pub allocation_uuid: Option<Uuid>,
    /// More allocations.
    #[serde(default)]
    pub allocation_uuids: Vec<Uuid>,
    /// Whether it starts when it is installed.
    #[serde(default)]
    pub start_on_completion: bool,
    /// Whether the egg's script is left out.
    #[serde(default)]
    pub skip_installer: bool,
    /// Identifier in another system, such as a billing system.
    pub external_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// What the container may use.
    pub limits: AdminLimits,
    /// Cores the container may run on; all when empty.
    #[serde(default)]
    pub pinned_cpus: Vec<i16>,
    /// Command that starts the server, with placeholders.
    pub startup: String,
    /// Container image.
    pub image: String,
    /// IANA time zone of the container; the node's when null.
    pub timezone: Option<String>,
    /// Whether huge pages are passed through.
    #[serde(default)]
    pub hugepages_passthrough_enabled: bool,
    /// Whether KVM is passed through.
    #[serde(default)]
    pub kvm_passthrough_enabled: bool,
    /// How many of each thing the owner may make.
    pub feature_limits: FeatureLimits,
    /// The variables, by environment name.
    #[serde(default)]
    pub variables: Vec<VariableValue>,
}

/// A new server, on a node that is chosen for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployServer {
    /// Where it may go.
    pub deployment: Deployment,
    /// The owner.
    pub owner_uuid: Uuid,
    /// The egg.
    pub egg_uuid: Uuid,
    /// Where its backups go; inherited when null.
    pub backup_configuration_uuid: Option<Uuid>,
    /// The primary allocation; chosen when no allocation is named.
    pub allocation_uuid: Option<Uuid>,
    /// More allocations, of the same node.
    pub allocation_uuids: Option<Vec<Uuid>>,
    /// Whether it starts when it is installed.
    #[serde(default)]
    pub start_on_completion: bool,
    /// Whether the egg's script is left out.
    #[serde(default)]
    pub skip_installer: bool,
    /// Identifier in another system, such as a billing system.
    pub external_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// What the container may use.
    pub limits: AdminLimits,
    /// Cores the container may run on; all when empty.
    #[serde(default)]
    pub pinned_cpus: Vec<i16>,
    /// Command that starts the server, with placeholders.
    pub startup: String,
    /// Container image.
    pub image: String,
    /// IANA time zone of the container; the node's when null.
    pub timezone: Option<String>,
    /// Whether huge pages are passed through.
    #[serde(default)]
    pub hugepages_passthrough_enabled: bool,
    /// Whether KVM is passed through.
    #[serde(default)]
    pub kvm_passthrough_enabled: bool,
    /// How many of each thing the owner may make.
    pub feature_limits: FeatureLimits,
    /// The variables, by environment name.
    #[serde(default)]
    pub variables: Vec<VariableValue>,
}

/// Where a server may go.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// To nodes of these locations.
    #[schema(min_items = 1, max_items = 1000)]
    pub location_uuids: Vec<Uuid>,
    /// Also to nodes where it does not fit.
    pub allow_overallocation: bool,
    /// How much is left to chance: with 0 it goes where most is left.
    #[serde(default = "Deployment::half")]
    #[schema(minimum = 0, maximum = 1, default = 0.5)]
    pub randomness: f64,
    /// How much of what they were promised suspended servers count.
    #[serde(default = "Deployment::half")]
    #[schema(minimum = 0, maximum = 1, default = 0.5)]
    pub suspension_penalty: f64,
    /// Which addresses it gets; one, whichever it is, when null.
    #[serde(default)]
    pub allocations: Option<AddressRules>,
}

impl Deployment {
    const fn half() -> f64 {
        0.5
    }
}

/// Changes of a server; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateServer {
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_uuid: Option<Uuid>,
    /// The egg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egg_uuid: Option<Uuid>,
    /// Where its backups go; inherited when null.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub backup_configuration_uuid: Option<Option<Uuid>>,
    /// Whether use is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// Identifier in another system, such as a billing system.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Option<String>>,
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
    /// What the container may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<AdminLimits>,
    /// Cores the container may run on; all when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_cpus: Option<Vec<i16>>,
    /// Command that starts the server, with placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup: Option<String>,
    /// Container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether and when a server that does not stop is killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_kill: Option<AutoKill>,
    /// Whether the server starts together with its node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_start_behavior: Option<AutoStartBehavior>,
    /// IANA time zone of the container; the node's when null.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub timezone: Option<Option<String>>,
    /// Whether huge pages are passed through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hugepages_passthrough_enabled: Option<bool>,
    /// Whether KVM is passed through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kvm_passthrough_enabled: Option<bool>,
    /// How many of each thing the owner may make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_limits: Option<FeatureLimits>,
}

/// How a server is deleted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteServer {
    /// Whether it is forgotten even when its node cannot delete it.
    #[serde(default)]
    pub force: bool,
    /// Whether its backups are deleted too.
    #[serde(default)]
    pub delete_backups: bool,
}
