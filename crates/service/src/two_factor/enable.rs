//! Turning the own second factor on.

use panel_domain::activity::Event;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_secrets::{Purpose, RecoveryCode, Secret, TotpSecret};
use panel_storage::consistency::RevocationKind;
use panel_storage::{two_factor, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{RECOVERY_CODES, binding, recovery_message, secret_of, wrong_code};
use crate::accounts::confirm_password;
use crate::cx::Cx;
use crate::error::Error;

/// What an authenticator has to be told.
#[derive(Debug)]
pub struct Setup {
    /// The secret in base 32, to be typed.
    pub secret: Secret<String>,
    /// The `otpauth` address, to be scanned.
    pub url: Secret<String>,
}

/// The proof that an authenticator was set up, and by whom.
#[derive(Debug)]
pub struct EnableTwoFactor {
    /// What it shows.
    pub code: String,
    /// The current password.
    pub password: Secret<String>,
}

/// A new secret for the caller's authenticator, in place of one that was asked for before: whoever had the account's session then does
/// not know it.
///
/// # Errors
/// [`Error::Denied`], also for a frozen account; [`Error::Conflict`] when the second factor is on.
pub async fn set_up(cx: &Cx) -> Result<Setup, Error> {
    let id = policy::may_change_account(cx.actor(), UserPermission::AccountTwoFactor)?.id;
    let user = users::find(&mut cx.read_primary().await?, id)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let secret = TotpSecret::generate();
    let (text, url) = secret
        .to_text(&cx.parts().options.name, &user.email)
        .map_err(Error::internal)?;
    let sealed = cx
        .parts()
        .keys
        .seal(secret.expose(), binding(id.uuid().as_bytes()))
        .into_bytes();
    let sealed = &sealed;
    cx.write(|tx| {
        async move {
            if two_factor::keep_secret(tx, id, sealed).await? {
                Ok(())
            } else {
                Err(enabled_already())
            }
        }
        .scope_boxed()
    })
    .await?;
    Ok(Setup {
        secret: text.into(),
        url: url.into(),
    })
}

/// Turns the caller's second factor on, and gives them recovery codes, which cannot be had again.
///
/// # Errors
/// [`Error::Denied`], also for a frozen account; [`Error::Invalid`] for a wrong password or code; [`Error::Conflict`] when it is on;
/// [`Error::RateLimited`].
pub async fn enable(cx: &Cx, input: EnableTwoFactor) -> Result<Vec<RecoveryCode>, Error> {
    let actor = policy::may_change_account(cx.actor(), UserPermission::AccountTwoFactor)?;
    let user = confirm_password(cx, actor, &input.password).await?;
    if user.totp_enabled {
        return Err(enabled_already());
    }
    let now = cx.now();
    let step = match secret_of(cx, &user)? {
        Some(secret) => secret
            .step_of(input.code.trim(), now.timestamp(), None)
            .map_err(Error::internal)?,
        None => None,
    };
    let (Some(step), Some(sealed)) = (step, &user.totp_secret) else {
        return Err(wrong_code());
    };
    let codes: Vec<RecoveryCode> = (0..RECOVERY_CODES)
        .map(|_| RecoveryCode::generate())
        .collect();
    let keys = &cx.parts().keys;
    let macs: Vec<Vec<u8>> = codes
        .iter()
        .map(|code| keys.sign(Purpose::RECOVERY_CODE, &recovery_message(user.id, code)))
        .map(Vec::from)
        .collect();
    let entry = cx.entry(Event::TwoFactorCreate, json!({}));
    let (id, macs, entry) = (user.id, &macs, &entry);
    cx.write(|tx| {
        async move {
            if !two_factor::turn_on(tx, id, sealed, step, now).await? {
                return Err(enabled_already());
            }
            two_factor::insert_recovery_codes(tx, id, macs, now).await?;
            // Whether there is a second factor is part of what is known of a credential.
            tx.revoke(RevocationKind::User, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(codes)
}

fn enabled_already() -> Error {
    Error::conflict(
        "two_factor_enabled",
        "the second factor is on already; turn it off first",
    )
}
