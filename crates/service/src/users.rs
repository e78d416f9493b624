//! Users, as administrators manage them.

mod activity;
mod connections;
mod create;
mod delete;
mod read;
mod update;

pub(crate) use activity::people;
pub use activity::{Activity, activity};
pub(crate) use connections::cut_connections;
pub use create::{NewUser, create};
pub use delete::delete;
pub use panel_storage::users::User;
pub use read::{UserDetails, find_by_login, find_external, get, list, servers};
pub(crate) use read::{find_on_primary, page, with_role};
pub use update::{UpdateUser, update};

use panel_domain::actor::RoleGrants;
use panel_domain::id::UserId;
use panel_domain::policy::UserFacts;
use panel_storage::{Tx, users as rows};

use crate::error::{Error, Taken};
use crate::roles;

/// A user as the rules about what may be done with them see them.
pub(crate) fn facts_of(details: &UserDetails) -> UserFacts {
    UserFacts {
        id: details.user.id,
        admin: details.user.admin,
        role: details
            .role
            .as_ref()
            .map_or_else(RoleGrants::default, roles::grants_of),
    }
}

/// What the table's rules mean to somebody who broke one.
pub(crate) fn name_taken<T>(result: Result<T, panel_storage::Error>) -> Result<T, Error> {
    if let Err(panel_storage::Error::ForeignKey { .. }) = &result {
        return Err(Error::invalid("role_uuid", "must be a role that exists"));
    }
    let broke = |constraint| matches!(&result, Err(error) if error.is_conflict_on(constraint));
    let (constraint, field, message) = if broke("users_username_key") {
        ("users_username_key", "username", "is taken")
    } else if broke("users_email_key") {
        ("users_email_key", "email", "is the address of another user")
    } else {
        (
            "users_external_id_key",
            "external_id",
            "is the identifier of another user",
        )
    };
    result.taken(constraint, field, message)
}

/// That an administrator is left who can do something, when `leaving` is not one any more. Two at once wait for each other.
async fn keep_an_administrator(tx: &mut Tx, leaving: UserId) -> Result<(), Error> {
    let left = rows::lock_administrators(tx).await?;
    if left.iter().any(|id| *id != leaving) {
        Ok(())
    } else {
        Err(Error::conflict(
            "last_administrator",
            "this is the last administrator who can sign in: make another one first",
        ))
    }
}
