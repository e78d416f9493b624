//! Making a role.

use panel_domain::activity::Event;
use panel_domain::actor::RoleGrants;
use panel_domain::id::RoleId;
use panel_domain::permission::AdminPermission;
use panel_domain::policy;
use panel_domain::role;
use panel_domain::validate::Invalid;
use panel_storage::roles::{self, Role};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, read_permissions, stored};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A new role.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Unique among roles.
    pub name: String,
    /// For administrators.
    pub description: Option<String>,
    /// Whether its holders need a second factor.
    pub require_two_factor: bool,
    /// Keys of permissions in the administration.
    pub admin_permissions: Vec<String>,
    /// Keys of permissions on the servers that its holders see for another reason.
    pub server_permissions: Vec<String>,
}

/// Makes a role that grants nothing the caller does not have.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn create(cx: &Cx, input: NewRole) -> Result<Role, Error> {
    cx.require_admin(AdminPermission::RolesCreate)?;
    let mut invalid = Invalid::new();
    role::check(&input.name, input.description.as_deref(), &mut invalid);
    let grants = RoleGrants {
        admin: read_permissions("admin_permissions", &input.admin_permissions, &mut invalid),
        server: read_permissions(
            "server_permissions",
            &input.server_permissions,
            &mut invalid,
        ),
    };
    invalid.finish()?;
    policy::may_change_role(cx.actor(), None, Some(&grants))?;
    let row = Role {
        id: RoleId::new_v4(),
        name: input.name,
        description: input.description,
        require_two_factor: input.require_two_factor,
        admin_permissions: stored(grants.admin),
        server_permissions: stored(grants.server),
        created_at: cx.now(),
    };
    let entry = cx.entry(
        Event::RoleCreate,
        json!({
            "uuid": row.id,
            "name": row.name,
            "admin_permissions": row.admin_permissions,
            "server_permissions": row.server_permissions,
        }),
    );
    let (role, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            roles::insert(tx, role)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(row)
}
