//! How the panel's things look to clients: the one place where a field can leave the house.

pub(crate) mod account;
pub(crate) mod backup_configurations;
pub(crate) mod backups;
pub(crate) mod eggs;
pub(crate) mod files;
pub(crate) mod locations;
pub(crate) mod mounts;
pub(crate) mod nodes;
pub(crate) mod schedules;
pub(crate) mod servers;
pub(crate) mod system_backup_policies;
pub(crate) mod transfers;
pub(crate) mod users;

use panel_api_types::user::FullUser;
use panel_service::auth::SignedIn;

/// The user who has just signed in, as they see themselves.
pub(crate) fn signed_in(signed_in: &SignedIn) -> FullUser {
    users::full_user(&signed_in.user, signed_in.role.as_ref())
}
