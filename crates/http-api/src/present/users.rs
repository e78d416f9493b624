//! How users look: to others, to themselves, to administrators.

use panel_api_types::activity::{AdminActivity, UserActivity};
use panel_api_types::role::Role;
use panel_api_types::user::{AdminUser, FullUser, ToastPosition, User};
use panel_domain::actor::TwoFactorRequirement;
use panel_service::roles;
use panel_service::users::{self, UserDetails};

/// A role.
pub(crate) fn role(role: &roles::Role) -> Role {
    Role {
        uuid: role.id.uuid(),
        name: role.name.clone(),
        description: role.description.clone(),
        require_two_factor: role.require_two_factor,
        server_permissions: role.server_permissions.clone(),
        admin_permissions: role.admin_permissions.clone(),
        created: role.created_at,
    }
}

/// A user as others see them.
pub(crate) fn user(user: &users::User) -> User {
    User {
        uuid: user.id.uuid(),
        username: user.username.clone(),
        avatar: user.avatar.clone(),
        totp_enabled: user.totp_enabled,
        created: user.created_at,
    }
}

/// A user as they see themselves.
pub(crate) fn full_user(user: &users::User, role: Option<&roles::Role>) -> FullUser {
    FullUser {
        uuid: user.id.uuid(),
        username: user.username.clone(),
        require_two_factor: needs_two_factor(user, role),
        role: role.map(self::role),
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

/// A user as administrators see them.
pub(crate) fn admin_user(details: &UserDetails) -> AdminUser {
    let UserDetails { user, role } = details;
    AdminUser {
        uuid: user.id.uuid(),
        external_id: user.external_id.clone(),
        username: user.username.clone(),
        require_two_factor: needs_two_factor(user, role.as_ref()),
        role: role.as_ref().map(self::role),
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

fn needs_two_factor(user: &users::User, role: Option<&roles::Role>) -> bool {
    TwoFactorRequirement::default().demands(user.admin, role.map(|role| role.require_two_factor))
}

/// Something a user did with their account.
pub(crate) fn user_activity(activity: users::Activity) -> UserActivity {
    let entry = activity.entry;
    UserActivity {
        impersonator: activity.impersonator.as_ref().map(user),
        event: entry.event,
        ip: entry.ip.map(|ip| ip.addr().to_string()),
        data: entry.data,
        is_api: entry.api_key_id.is_some(),
        created: entry.created_at,
    }
}

/// Something an administrator did.
pub(crate) fn admin_activity(activity: users::Activity) -> AdminActivity {
    let entry = activity.entry;
    AdminActivity {
        user: activity.user.as_ref().map(user),
        impersonator: activity.impersonator.as_ref().map(user),
        event: entry.event,
        ip: entry.ip.map(|ip| ip.addr().to_string()),
        data: entry.data,
        is_api: entry.api_key_id.is_some(),
        created: entry.created_at,
    }
}
