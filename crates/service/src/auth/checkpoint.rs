//! The second step of signing in, where an account has a second factor.

use chrono::TimeDelta;
use panel_domain::activity::Event;
use panel_secrets::{OneTimeToken, TokenHash};
use panel_storage::two_factor::{self, Checkpoint};
use panel_storage::users::{self, User};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::login::{SignedIn, fail, new_session, role_of, start_session};
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;
use crate::two_factor::{Factor, wrong_code};

/// How long a sign-in waits for the second factor.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// What somebody shows after the password.
#[derive(Debug)]
pub struct SecondStep {
    /// What the first step gave.
    pub token: String,
    /// A code of the authenticator, or a recovery code.
    pub code: String,
}

/// Has a sign-in wait whose password was right. The failures of the account stay counted until the second factor is right, too.
pub(super) async fn wait(cx: &Cx, user: &User, password_hash: &str) -> Result<OneTimeToken, Error> {
    let token = OneTimeToken::generate();
    let checkpoint = Checkpoint {
        token_hash: token.hash().as_bytes().to_vec(),
        user_id: user.id,
        password: mark_of(password_hash),
        expires_at: cx.now() + PATIENCE,
    };
    let entry = cx.entry(Event::AuthCheckpoint, json!({})).by(user.id);
    let (checkpoint, entry) = (&checkpoint, &entry);
    cx.write(|tx| {
        async move {
            two_factor::insert_checkpoint(tx, checkpoint).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(token)
}

/// Ends a sign-in with the second factor. What the first step gave is good for one sign-in, and for as many tries as the limits allow.
///
/// # Errors
/// [`Error::Invalid`] for a wrong code, and when the first step is too long ago or does not count any more; [`Error::RateLimited`].
pub async fn checkpoint(cx: &Cx, input: SecondStep) -> Result<SignedIn, Error> {
    cx.limit_address(Bucket::AuthLoginCheckpoint).await?;
    let now = cx.now();
    let hash = TokenHash::of(&input.token);
    let mut conn = cx.read_primary().await?;
    let found = two_factor::find_checkpoint(&mut conn, hash.as_bytes(), now).await?;
    let user = match &found {
        Some(found) => users::find(&mut conn, found.user_id).await?,
        None => None,
    };
    drop(conn);
    let (Some(found), Some(user)) = (found, user) else {
        return Err(expired());
    };
    let same_password = user
        .password_hash
        .as_deref()
        .is_some_and(|hash| mark_of(hash) == found.password);
    if !same_password || !user.totp_enabled {
        return Err(expired());
    }
    if user.sign_in_blocked_until.is_some_and(|until| until > now) {
        return Err(wrong_code());
    }
    let Some(factor) = Factor::recognise(cx, &user, &input.code).await? else {
        fail(cx, &user, "two-factor").await?;
        return Err(wrong_code());
    };
    let entry = cx
        .entry(Event::AuthSuccess, json!({ "using": factor.name() }))
        .by(user.id);
    let (session, token) = new_session(cx, user.id);
    let (id, found, factor, entry, session) = (user.id, &found, &factor, &entry, &session);
    cx.write(|tx| {
        async move {
            if !two_factor::take_checkpoint(tx, &found.token_hash).await? {
                return Err(expired());
            }
            if !factor.spend(tx, id, now).await? {
                return Err(wrong_code());
            }
            start_session(tx, session).await?;
            users::clear_failed_sign_ins(tx, id).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    let role = role_of(cx, &user).await?;
    Ok(SignedIn { user, role, token })
}

/// What tells a password's hash from another's, and not what it is.
fn mark_of(password_hash: &str) -> Vec<u8> {
    TokenHash::of(password_hash).as_bytes().to_vec()
}

fn expired() -> Error {
    Error::invalid(
        "confirmation_token",
        "does not count any more: sign in with your password again",
    )
}
