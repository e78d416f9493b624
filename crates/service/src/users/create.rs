//! Making a user.

use panel_domain::activity::Event;
use panel_domain::id::{RoleId, UserId};
use panel_domain::policy;
use panel_domain::user::{UserTexts, check_password_set_by_admin};
use panel_domain::validate::Invalid;
use panel_secrets::Secret;
use panel_storage::users::{self, UserChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{UserDetails, name_taken};
use crate::cx::Cx;
use crate::error::Error;
use crate::roles;

/// A new user.
#[derive(Debug)]
pub struct NewUser {
    /// How another system calls them.
    pub external_id: Option<String>,
    /// Their role.
    pub role: Option<RoleId>,
    /// What they sign in with.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// First name.
    pub name_first: String,
    /// Last name.
    pub name_last: String,
    /// Without one they cannot sign in with a password yet.
    pub password: Option<Secret<String>>,
    /// Whether they may do everything.
    pub admin: bool,
    /// Whether they may not change their own account.
    pub frozen: bool,
    /// Whether they may do nothing.
    pub suspended: bool,
    /// Language of their pages.
    pub language: String,
}

/// Makes a user.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a username, address or identifier that another one has.
pub async fn create(cx: &Cx, input: NewUser) -> Result<UserDetails, Error> {
    policy::may_create_user(cx.actor(), input.admin, input.role.is_some())?;
    let mut invalid = Invalid::new();
    let texts = UserTexts {
        username: Some(&input.username),
        email: Some(&input.email),
        name_first: Some(&input.name_first),
        name_last: Some(&input.name_last),
        external_id: input.external_id.as_deref(),
        language: Some(&input.language),
    };
    texts.check(&mut invalid);
    if let Some(password) = &input.password {
        check_password_set_by_admin("password", password.expose(), &mut invalid);
    }
    invalid.finish()?;
    let role = match input.role {
        Some(role) => Some(roles::find(cx, role).await.map_err(|error| match error {
            Error::NotFound { .. } => Error::invalid("role_uuid", "must be a role that exists"),
            other => other,
        })?),
        None => None,
    };
    let password_hash = match &input.password {
        Some(password) => Some(cx.parts().passwords.hash(password.expose()).await?),
        None => None,
    };
    let new = users::NewUser {
        id: UserId::new_v4(),
        role_id: input.role,
        external_id: input.external_id,
        username: input.username,
        email: input.email,
        name_first: input.name_first,
        name_last: input.name_last,
        password_hash,
        admin: input.admin,
        language: input.language,
        created_at: cx.now(),
    };
    let flags = UserChanges {
        frozen: input.frozen.then_some(true),
        suspended: input.suspended.then_some(true),
        ..UserChanges::default()
    };
    let entry = cx.entry(
        Event::UserCreate,
        json!({
            "uuid": new.id,
            "username": new.username,
            "email": new.email,
            "admin": new.admin,
            "role_uuid": new.role_id,
        }),
    );
    let (new, flags, entry) = (&new, &flags, &entry);
    let user = cx
        .write(|tx| {
            async move {
                let mut user = name_taken(users::insert(tx, new).await)?;
                if *flags != UserChanges::default() {
                    user = users::update(tx, new.id, flags)
                        .await?
                        .ok_or(Error::not_found("user"))?;
                }
                entry.record(tx);
                Ok(user)
            }
            .scope_boxed()
        })
        .await?;
    Ok(UserDetails { user, role })
}
