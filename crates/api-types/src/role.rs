//! Roles: named sets of permissions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;

/// A named set of permissions.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Role {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Whether a second factor is demanded.
    pub require_two_factor: bool,
    /// Permissions on servers, by key.
    pub server_permissions: Vec<String>,
    /// Permissions on the administration, by key.
    pub admin_permissions: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRole {
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Whether a second factor is demanded.
    pub require_two_factor: bool,
    /// Permissions on servers, by key.
    pub server_permissions: Vec<String>,
    /// Permissions on the administration, by key.
    pub admin_permissions: Vec<String>,
}

/// Changes of a role; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRole {
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
    /// Whether a second factor is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_two_factor: Option<bool>,
    /// Permissions on servers, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_permissions: Option<Vec<String>>,
    /// Permissions on the administration, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_permissions: Option<Vec<String>>,
}

/// One role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleBody {
    /// The role, when there is one.
    pub role: Role,
}

/// A page of roles.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Roles {
    /// The roles.
    pub roles: Page<Role>,
}

/// The name of a role that is to grant the same as another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRole {
    /// What people call it.
    pub name: String,
}
