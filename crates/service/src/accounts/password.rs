//! Changing the own password.

use panel_domain::activity::Event;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::user::check_password;
use panel_domain::validate::Invalid;
use panel_secrets::Secret;
use panel_storage::consistency::RevocationKind;
use panel_storage::users::{self, UserChanges};
use panel_storage::{servers, sessions};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::confirm_password;
use crate::cx::Cx;
use crate::error::Error;
use crate::users::cut_connections;

/// A new password for the own account.
#[derive(Debug)]
pub struct ChangePassword {
    /// The current one.
    pub password: Secret<String>,
    /// The new one.
    pub new_password: Secret<String>,
}

/// Changes the caller's password. Everywhere else they are signed out, also from consoles and files of their servers; the
/// session that asks and API keys go on.
///
/// # Errors
/// [`Error::Denied`], also for a frozen account; [`Error::Invalid`], also for a wrong password; [`Error::RateLimited`].
pub async fn change_password(cx: &Cx, input: ChangePassword) -> Result<(), Error> {
    let user = policy::may_change_account(cx.actor(), UserPermission::AccountPassword)?;
    let mut invalid = Invalid::new();
    check_password("new_password", input.new_password.expose(), &mut invalid);
    invalid.finish()?;
    confirm_password(cx, user, &input.password).await?;
    let hash = cx
        .parts()
        .passwords
        .hash(input.new_password.expose())
        .await?;
    let servers = servers::ids_of_user(&mut cx.read_primary().await?, user.id).await?;
    let entry = cx.entry(Event::AccountPasswordChange, json!({}));
    let changes = UserChanges {
        password_hash: Some(Some(hash)),
        ..UserChanges::default()
    };
    let now = cx.now();
    let (id, keep) = (user.id, user.session());
    let (changes, entry, servers) = (&changes, &entry, &servers);
    cx.write(|tx| {
        async move {
            users::update(tx, id, changes)
                .await?
                .ok_or(Error::Unauthenticated)?;
            for ended in sessions::delete_others(tx, id, keep).await? {
                tx.revoke(RevocationKind::Session, ended);
            }
            cut_connections(tx, id, servers, now).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
