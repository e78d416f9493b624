//! What users say of a key.

use chrono::{DateTime, Utc};
use panel_domain::actor::ApiKeyScope;
use panel_domain::api_key;
use panel_domain::validate::Invalid;

use crate::roles::read_permissions;

/// Keys of the permissions of a key.
pub(super) struct Permissions<'a> {
    pub(super) user: &'a [String],
    pub(super) admin: &'a [String],
    pub(super) server: &'a [String],
}

impl Permissions<'_> {
    /// The scope they make; notes those that there are not.
    pub(super) fn scope(&self, invalid: &mut Invalid) -> ApiKeyScope {
        ApiKeyScope {
            user: read_permissions("user_permissions", self.user, invalid),
            admin: read_permissions("admin_permissions", self.admin, invalid),
            server: read_permissions("server_permissions", self.server, invalid),
        }
    }
}

/// Notes what is wrong with a name and an expiry, where given.
pub(super) fn check(
    name: Option<&str>,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    invalid: &mut Invalid,
) {
    if let Some(name) = name {
        api_key::check_name(name, invalid);
    }
    api_key::check_expires(expires_at, now, invalid);
}
