//! Making a role like another.

use panel_domain::id::RoleId;
use panel_domain::permission::AdminPermission;

use super::{NewRole, Role, create, get};
use crate::cx::Cx;
use crate::error::Error;

/// Makes a role of another name that grants the same.
///
/// # Errors
/// As [`create`], and as [`get`] of the other.
pub async fn duplicate(cx: &Cx, id: RoleId, name: String) -> Result<Role, Error> {
    cx.require_admin(AdminPermission::RolesCreate)?;
    let other = get(cx, id).await?;
    create(
        cx,
        NewRole {
            name,
            description: other.description,
            require_two_factor: other.require_two_factor,
            admin_permissions: other.admin_permissions,
            server_permissions: other.server_permissions,
        },
    )
    .await
}
