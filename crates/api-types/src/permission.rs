//! The catalogues of permissions.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All permissions there are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Permissions {
    /// What an API key may do with its user's account, by group.
    pub user_permissions: IndexMap<String, PermissionGroup>,
    /// What somebody may do with a server, by group.
    pub server_permissions: IndexMap<String, PermissionGroup>,
    /// What an administrator may do, by group.
    pub admin_permissions: IndexMap<String, PermissionGroup>,
}

/// A group of permissions.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PermissionGroup {
    /// What they are about.
    pub description: String,
    /// What each allows, by its name within the group.
    pub permissions: IndexMap<String, String>,
}
