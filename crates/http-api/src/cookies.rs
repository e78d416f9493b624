//! The cookie that carries a session.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpResponse, HttpResponseBuilder};
use panel_service::auth::SignedIn;

use crate::extract::Caller;
use crate::state::{AppState, SESSION_COOKIE};

/// Adds to an answer what a browser needs to go on as the one who has just signed in.
pub(crate) fn sign_in(
    response: &mut HttpResponseBuilder,
    state: &AppState,
    caller: &Caller,
    signed_in: &SignedIn,
) {
    response.cookie(lasting(signed_in.token.expose(), state));
    caller.note_signed_in(signed_in.user.id);
}

/// Has the browser keep a session that is in use for as long as a new one, unless the answer says something else of it.
pub(crate) fn renew<B>(response: &mut HttpResponse<B>, state: &AppState, token: &str) {
    if response
        .cookies()
        .any(|cookie| cookie.name() == SESSION_COOKIE)
    {
        return;
    }
    if let Err(error) = response.add_cookie(&lasting(token, state)) {
        tracing::warn!(%error, "The session's cookie could not be renewed");
    }
}

/// Takes the session out of the browser.
pub(crate) fn sign_out(response: &mut HttpResponseBuilder, state: &AppState) {
    response.cookie(session("", state.options().is_https(), Duration::ZERO));
}

/// A session's cookie, to be kept as long as the session lasts when it is not used.
fn lasting<'a>(token: &'a str, state: &AppState) -> Cookie<'a> {
    let lifetime = state.app().options().session_lifetime.num_seconds();
    session(
        token,
        state.options().is_https(),
        Duration::seconds(lifetime),
    )
}

fn session(value: &str, secure: bool, life: Duration) -> Cookie<'_> {
    Cookie::build(SESSION_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(life)
        .finish()
}
