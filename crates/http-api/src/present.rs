//! How the panel's things look to clients: the one place where a field can leave the house.

pub(crate) mod servers;

use panel_api_types::role::Role;
use panel_api_types::user::{FullUser, ToastPosition};
use panel_service::auth::SignedIn;

/// The user who has just signed in, as they see themselves.
pub(crate) fn signed_in(signed_in: &SignedIn) -> FullUser {
    let SignedIn { user, role, .. } = signed_in;
    let role = role.as_ref().map(|role| Role {
        uuid: role.id.uuid(),
        name: role.name.clone(),
        description: role.description.clone(),
        require_two_factor: role.require_two_factor,
        server_permissions: role.server_permissions.clone(),
        admin_permissions: role.admin_permissions.clone(),
        created: role.created_at,
    });
    FullUser {
        uuid: user.id.uuid(),
        username: user.username.clone(),
        require_two_factor: role.as_ref().is_some_and(|role| role.require_two_factor),
        role,
        avatar: user.avatar.clone(),
        email: user.email.clone(),
        name_first: user.name_first.clone(),
        name_last: user.name_last.clone(),
        admin: user.admin,
        frozen: user.frozen,
        suspended: user.suspended,
        totp_enabled: user.totp_enabled,
        totp_last_used: user.totp_last_used_at,
        language: user.language.clone(),
        toast_position: ToastPosition::named(&user.toast_position),
        start_on_grouped_servers: user.start_on_grouped_servers,
        has_password: user.password_hash.is_some(),
        created: user.created_at,
    }
}
