//! Roles: named sets of permissions that users hold.

mod create;
mod delete;
mod duplicate;
mod read;
mod update;

pub use create::{NewRole, create};
pub use delete::delete;
pub use duplicate::duplicate;
pub use panel_storage::roles::Role;
pub(crate) use read::find;
pub use read::{get, holders, list};
pub use update::{UpdateRole, update};

use panel_domain::actor::RoleGrants;
use panel_domain::permission::{Permission, PermissionSet};
use panel_domain::validate::Invalid;

/// What the table's rule on names means to somebody who broke it.
const NAME_KEY: &str = "roles_name_key";
const NAME_TAKEN: &str = "is the name of another role";

/// What a role grants.
pub(crate) fn grants_of(role: &Role) -> RoleGrants {
    RoleGrants {
        admin: PermissionSet::from_stored_keys(&role.admin_permissions),
        server: PermissionSet::from_stored_keys(&role.server_permissions),
    }
}

/// The permissions of these keys; notes at `field` one that there is not.
pub(crate) fn read_permissions<P: Permission>(
    field: &str,
    keys: &[String],
    invalid: &mut Invalid,
) -> PermissionSet<P> {
    invalid
        .take(field, PermissionSet::from_keys(keys))
        .unwrap_or_default()
}

/// Permissions as they are stored.
pub(crate) fn stored<P: Permission>(permissions: PermissionSet<P>) -> Vec<String> {
    permissions.keys().into_iter().map(str::to_owned).collect()
}
