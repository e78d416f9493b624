//! Signing in with a password.

use chrono::TimeDelta;
use ipnet::IpNet;
use panel_domain::activity::Event;
use panel_domain::id::{SessionId, UserId};
use panel_secrets::{OneTimeToken, Secret, SessionToken};
use panel_storage::roles::{self, Role};
use panel_storage::sessions::{self, Session};
use panel_storage::{Tx, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::checkpoint;
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;

/// Failures of one account, from any address, after which sign-ins to it rest for a while.
const FAILURES_BEFORE_REST: i32 = 10;

/// How long they rest.
const REST: TimeDelta = TimeDelta::minutes(5);

/// What somebody typed to sign in.
#[derive(Debug)]
pub struct Login {
    /// Username, or e-mail address if it has an `@`.
    pub user: String,
    /// Password.
    pub password: Secret<String>,
}

/// Somebody who has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub user: users::User,
    /// Their role.
    pub role: Option<Role>,
    /// The credential of this session, for the cookie. It cannot be had again.
    pub token: SessionToken,
}

/// How far a right password leads.
#[derive(Debug)]
pub enum FirstStep {
    /// All the way.
    SignedIn(Box<SignedIn>),
    /// To the second factor.
    SecondFactor {
        /// Who.
        user: Box<users::User>,
        /// Goes with the second factor. It cannot be had again.
        token: OneTimeToken,
    },
}

/// Signs in with a password, as far as that goes.
///
/// Every failure is the same to the caller, and takes the same time: whether an account exists is nobody's business.
///
/// # Errors
/// [`Error::Invalid`] for wrong credentials, [`Error::RateLimited`].
pub async fn login(cx: &Cx, input: Login) -> Result<FirstStep, Error> {
    cx.limit_address(Bucket::AuthLogin).await?;
    let mut conn = cx.read_primary().await?;
    let found = users::find_by_login(&mut conn, input.user.trim()).await?;
    drop(conn);
    let now = cx.now();
    let Some(user) = found else {
        cx.parts()
            .passwords
            .verify_dummy(input.password.expose())
            .await?;
        return Err(wrong_credentials());
    };
    if user.sign_in_blocked_until.is_some_and(|until| until > now) {
        cx.parts()
            .passwords
            .verify_dummy(input.password.expose())
            .await?;
        return Err(wrong_credentials());
    }
    let right = match &user.password_hash {
        Some(hash) => {
            cx.parts()
                .passwords
                .verify(input.password.expose(), hash)
                .await?
        }
        None => {
            cx.parts()
                .passwords
                .verify_dummy(input.password.expose())
                .await?;
            false
        }
    };
    if !right {
        fail(cx, &user, "password").await?;
        return Err(wrong_credentials());
    }
    if user.totp_enabled
        && let Some(hash) = &user.password_hash
    {
        let token = checkpoint::wait(cx, &user, hash).await?;
        return Ok(FirstStep::SecondFactor {
            user: Box::new(user),
            token,
        });
    }
    let entry = cx
        .entry(Event::AuthSuccess, json!({ "using": "password" }))
        .by(user.id);
    let (session, token) = new_session(cx, user.id);
    let clear_failures = user.failed_sign_ins > 0;
    let (entry, session, id) = (&entry, &session, user.id);
    cx.write(|tx| {
        async move {
            start_session(tx, session).await?;
            if clear_failures {
                users::clear_failed_sign_ins(tx, id).await?;
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    let role = role_of(cx, &user).await?;
    Ok(FirstStep::SignedIn(Box::new(SignedIn {
        user,
        role,
        token,
    })))
}

/// The role of somebody who has just signed in.
pub(super) async fn role_of(cx: &Cx, user: &users::User) -> Result<Option<Role>, Error> {
    match user.role_id {
        Some(role) => Ok(roles::find(&mut cx.read_primary().await?, role).await?),
        None => Ok(None),
    }
}

/// Counts a sign-in to an account that failed.
pub(super) async fn fail(cx: &Cx, user: &users::User, using: &str) -> Result<(), Error> {
    let rests = user.failed_sign_ins + 1 >= FAILURES_BEFORE_REST;
    let blocked_until = rests.then(|| cx.now() + REST);
    let entry = cx
        .entry(Event::AuthFail, json!({ "using": using }))
        .by(user.id);
    let (entry, id) = (&entry, user.id);
    cx.write(|tx| {
        async move {
            users::record_failed_sign_in(tx, id, blocked_until).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

fn wrong_credentials() -> Error {
    Error::invalid("", "the username, e-mail address or password is wrong")
}

/// A new session of a user, to be written by [`start_session`], and its credential.
pub(crate) fn new_session(cx: &Cx, user: UserId) -> (Session, SessionToken) {
    let token = SessionToken::generate();
    let now = cx.now();
    let ip = cx
        .request()
        .ip
        .unwrap_or(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    let session = Session {
        id: SessionId::new_v4(),
        user_id: user,
        secret_hash: token.hash().as_bytes().to_vec(),
        ip: IpNet::from(ip),
        user_agent: cx.request().user_agent.chars().take(255).collect(),
        last_used_at: now,
        created_at: now,
    };
    (session, token)
}

/// Writes a new session.
pub(crate) async fn start_session(tx: &mut Tx, session: &Session) -> Result<(), Error> {
    Ok(sessions::insert(tx, session).await?)
}
