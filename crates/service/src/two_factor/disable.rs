//! Turning a second factor off.

use panel_domain::activity::Event;
use panel_domain::id::UserId;
use panel_domain::permission::{AdminPermission, UserPermission};
use panel_domain::policy;
use panel_secrets::Secret;
use panel_storage::consistency::RevocationKind;
use panel_storage::{Tx, two_factor};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{Factor, wrong_code};
use crate::accounts::confirm_password;
use crate::cx::Cx;
use crate::error::Error;
use crate::users::{facts_of, find_on_primary};

/// The proof that it is the user who wants no second factor any more.
#[derive(Debug)]
pub struct DisableTwoFactor {
    /// A code of the authenticator, or a recovery code.
    pub code: String,
    /// The current password.
    pub password: Secret<String>,
}

/// Turns the caller's second factor off.
///
/// # Errors
/// [`Error::Denied`], also for a frozen account; [`Error::Invalid`] for a wrong password or code; [`Error::Conflict`] when it is off;
/// [`Error::RateLimited`].
pub async fn disable(cx: &Cx, input: DisableTwoFactor) -> Result<(), Error> {
    let actor = policy::may_change_account(cx.actor(), UserPermission::AccountTwoFactor)?;
    let user = confirm_password(cx, actor, &input.password).await?;
    if !user.totp_enabled {
        return Err(disabled_already());
    }
    let factor = Factor::recognise(cx, &user, &input.code)
        .await?
        .ok_or_else(wrong_code)?;
    let now = cx.now();
    let entry = cx.entry(Event::TwoFactorDelete, json!({ "using": factor.name() }));
    let (id, factor, entry) = (user.id, &factor, &entry);
    cx.write(|tx| {
        async move {
            if !factor.spend(tx, id, now).await? {
                return Err(wrong_code());
            }
            turn_off(tx, id).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Turns somebody's second factor off, who has lost it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] when it is off.
pub async fn disable_for(cx: &Cx, id: UserId) -> Result<(), Error> {
    const PERMISSION: AdminPermission = AdminPermission::UsersDisableTwoFactor;
    cx.require_admin(PERMISSION)?;
    let details = find_on_primary(cx, id).await?;
    policy::may_act_on_user(cx.actor(), &facts_of(&details), PERMISSION)?;
    let entry = cx.entry(
        Event::UserDisableTwoFactor,
        json!({ "uuid": id, "username": details.user.username }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            turn_off(tx, id).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

async fn turn_off(tx: &mut Tx, id: UserId) -> Result<(), Error> {
    if !two_factor::turn_off(tx, id).await? {
        return Err(disabled_already());
    }
    // Whoever has to have one may do nothing else from now on.
    tx.revoke(RevocationKind::User, id);
    Ok(())
}

fn disabled_already() -> Error {
    Error::conflict("two_factor_disabled", "the second factor is off already")
}
