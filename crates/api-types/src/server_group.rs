//! Groups that users arrange their servers in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A group of servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerGroup {
    /// Identifier.
    pub uuid: Uuid,
    /// What its user calls it.
    pub name: String,
    /// Its place among the user's groups, from 0.
    pub order: i32,
    /// Its servers in their order, as far as the user sees them.
    pub server_order: Vec<Uuid>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new group.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateServerGroup {
    #[schema(min_length = 2, max_length = 31)]
    /// What its user calls it.
    pub name: String,
    #[schema(max_items = 100)]
    /// Its servers in their order.
    pub server_order: Vec<Uuid>,
}

/// Changes of a group; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateServerGroup {
    #[schema(min_length = 2, max_length = 31)]
    /// What its user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schema(max_items = 100)]
    /// Its servers in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_order: Option<Vec<Uuid>>,
}

/// An order of groups.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerGroupOrder {
    #[schema(max_items = 25)]
    /// The groups in their order.
    pub server_group_order: Vec<Uuid>,
}

/// One group.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerGroupBody {
    /// The group.
    pub server_group: ServerGroup,
}

/// All groups of a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerGroups {
    /// The groups in their order.
    pub server_groups: Vec<ServerGroup>,
}
