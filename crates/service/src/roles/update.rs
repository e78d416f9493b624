//! Changing a role.

use panel_domain::activity::Event;
use panel_domain::actor::RoleGrants;
use panel_domain::id::RoleId;
use panel_domain::permission::AdminPermission;
use panel_domain::policy;
use panel_domain::role;
use panel_domain::validate::Invalid;
use panel_storage::consistency::RevocationKind;
use panel_storage::roles::{self, RoleChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, grants_of, read_permissions, stored};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes of a role: `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateRole {
    /// Unique among roles.
    pub name: Option<String>,
    /// For administrators.
    pub description: Option<Option<String>>,
    /// Whether its holders need a second factor.
    pub require_two_factor: Option<bool>,
    /// Keys of permissions in the administration.
    pub admin_permissions: Option<Vec<String>>,
    /// Keys of permissions on the servers that its holders see for another reason.
    pub server_permissions: Option<Vec<String>>,
}

/// Changes a role that grants nothing the caller does not have, before and after. Its holders are judged by it from
/// their next request on.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(cx: &Cx, id: RoleId, input: UpdateRole) -> Result<(), Error> {
    cx.require_admin(AdminPermission::RolesUpdate)?;
    let before = roles::find(&mut cx.read_primary().await?, id)
        .await?
        .ok_or(Error::not_found("role"))?;
    let mut invalid = Invalid::new();
    role::check(
        input.name.as_deref().unwrap_or(&before.name),
        input
            .description
            .as_ref()
            .unwrap_or(&before.description)
            .as_deref(),
        &mut invalid,
    );
    let had = grants_of(&before);
    let grants = RoleGrants {
        admin: match &input.admin_permissions {
            Some(keys) => read_permissions("admin_permissions", keys, &mut invalid),
            None => had.admin,
        },
        server: match &input.server_permissions {
            Some(keys) => read_permissions("server_permissions", keys, &mut invalid),
            None => had.server,
        },
    };
    invalid.finish()?;
    policy::may_change_role(cx.actor(), Some(&had), Some(&grants))?;
    let changes = RoleChanges {
        name: input.name,
        description: input.description,
        require_two_factor: input.require_two_factor,
        admin_permissions: input.admin_permissions.map(|_| stored(grants.admin)),
        server_permissions: input.server_permissions.map(|_| stored(grants.server)),
    };
    if changes == RoleChanges::default() {
        return Ok(());
    }
    let entry = cx.entry(
        Event::RoleUpdate,
        json!({
            "uuid": id,
            "name": changes.name.as_ref().unwrap_or(&before.name),
            "admin_permissions": changes.admin_permissions,
            "server_permissions": changes.server_permissions,
        }),
    );
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let changed = roles::update(tx, id, changes)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            if !changed {
                return Err(Error::not_found("role"));
            }
            tx.revoke(RevocationKind::Role, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
