//! Changing the own e-mail address.

use panel_domain::activity::Event;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::user::check_email;
use panel_domain::validate::Invalid;
use panel_secrets::Secret;
use panel_storage::users::{self, UserChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::confirm_password;
use crate::cx::Cx;
use crate::error::Error;
use crate::users::name_taken;

/// A new address for the own account.
#[derive(Debug)]
pub struct ChangeEmail {
    /// The address.
    pub email: String,
    /// The current password.
    pub password: Secret<String>,
}

/// Changes the caller's e-mail address, with which they can sign in.
///
/// # Errors
/// [`Error::Denied`], also for a frozen account; [`Error::Invalid`], also for a wrong password; [`Error::Taken`] for an
/// address that another one has; [`Error::RateLimited`].
pub async fn change_email(cx: &Cx, input: ChangeEmail) -> Result<(), Error> {
    let user = policy::may_change_account(cx.actor(), UserPermission::AccountEmail)?;
    let mut invalid = Invalid::new();
    check_email("email", &input.email, &mut invalid);
    invalid.finish()?;
    let row = confirm_password(cx, user, &input.password).await?;
    let entry = cx.entry(
        Event::AccountEmailChange,
        json!({ "old": row.email, "new": input.email }),
    );
    let changes = UserChanges {
        email: Some(input.email),
        ..UserChanges::default()
    };
    let (id, changes, entry) = (user.id, &changes, &entry);
    cx.write(|tx| {
        async move {
            name_taken(users::update(tx, id, changes).await)?.ok_or(Error::Unauthenticated)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
