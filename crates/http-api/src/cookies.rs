//! The cookie that carries a session.

use actix_web::HttpResponseBuilder;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use panel_service::auth::SignedIn;

use crate::extract::Caller;
use crate::middleware::authenticate;
use crate::state::{AppState, SESSION_COOKIE};

/// Adds to an answer what a browser needs to go on as the one who has just signed in.
pub(crate) fn sign_in(
    response: &mut HttpResponseBuilder,
    state: &AppState,
    caller: &Caller,
    signed_in: &SignedIn,
) {
    let secure = state.options().is_https();
    let lifetime = state.app().options().session_lifetime.num_seconds();
    let session = session(
        signed_in.token.expose(),
        secure,
        Duration::seconds(lifetime),
    );
    response.cookie(session);
    if let Some(token) = caller.consistency_token_for(signed_in.user.id) {
        response.insert_header((authenticate::CONSISTENCY_HEADER, token.clone()));
        response.cookie(authenticate::consistency_cookie(token, secure));
    }
}

/// Takes the session out of the browser.
pub(crate) fn sign_out(response: &mut HttpResponseBuilder, state: &AppState) {
    response.cookie(session("", state.options().is_https(), Duration::ZERO));
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
