//! Who is asking: a session's cookie, an API key or a node's token becomes a [`Cx`] for the use case.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, USER_AGENT};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use panel_domain::actor::Actor;
use panel_service::answers::Shown;
use panel_service::auth::Identity;
use panel_service::{App, Cx, ReadLog, RequestMeta, auth};

use super::client_address::ClientAddress;
use super::request_id::RequestId;
use crate::cookies;
use crate::error::Failure;
use crate::openapi::Audience;
use crate::state::{AppState, SESSION_COOKIE};

/// The header and the cookie in which a reader of their own writes shows how far the caches must be.
const CONSISTENCY_HEADER: HeaderName = HeaderName::from_static("x-consistency-token");
/// The same for plain navigations.
const CONSISTENCY_COOKIE: &str = "roost_consistency";
/// How long a token is good for; a cookie that lives longer would only be ignored.
const TOKEN_LIFE: Duration = Duration::minutes(15);

/// Lets users in.
///
/// # Errors
///
/// There is no valid session or API key; else those of the request.
pub(crate) async fn user(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    enter(request, next, Audience::Users).await
}

/// Lets daemons in.
///
/// # Errors
///
/// There is no valid token of a node; else those of the request.
pub(crate) async fn node(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    enter(request, next, Audience::Nodes).await
}

/// Lets everybody in, as nobody in particular.
///
/// # Errors
///
/// Those of the request.
pub(crate) async fn anybody(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    enter(request, next, Audience::Everybody).await
}

/// Says where each reading of the request went and why, while `APP_DEBUG` is on: `cache=credential, replica=fresh`.
pub(super) const READS_HEADER: HeaderName = HeaderName::from_static("x-reads");

async fn enter(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    audience: Audience,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let state = request.app_data::<Data<AppState>>();
    let debug = state.is_some_and(|state| state.app().options().debug);
    if !debug {
        return admit(request, next, audience).await;
    }
    let reads = ReadLog::default();
    let mut response = reads.clone().listen(admit(request, next, audience)).await?;
    if let Ok(reads) = HeaderValue::from_str(&reads.text()) {
        response.headers_mut().insert(READS_HEADER, reads);
    }
    Ok(response)
}

async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    audience: Audience,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let cx = match admitted(&request, audience).await {
        Ok(cx) => cx,
        Err(failure) => return Ok(request.error_response(failure).map_into_right_body()),
    };
    let secure = request
        .app_data::<Data<AppState>>()
        .is_some_and(|state| state.options().is_https());
    request.extensions_mut().insert(Arc::clone(&cx));
    let mut response = next.call(request).await?;
    if let Some(token) = cx.consistency_token() {
        show_token(response.response_mut(), &token, secure);
    }
    if auth::renews_session(&cx)
        && let Some(state) = response.request().app_data::<Data<AppState>>().cloned()
        && let Some(session) = response.request().cookie(SESSION_COOKIE)
    {
        cookies::renew(response.response_mut(), &state, session.value());
    }
    Ok(response.map_into_left_body())
}

/// The context of the request's use case, when who asks is let in and has not asked too much.
async fn admitted(request: &ServiceRequest, audience: Audience) -> Result<Arc<Cx>, Failure> {
    match identify(request, audience).await {
        Ok(cx) => {
            cx.admit().await?;
            Ok(cx)
        }
        Err(failure) => {
            // Trying credentials counts for the address. Daemons are never refused for asking often.
            if audience == Audience::Users
                && failure.status() == StatusCode::UNAUTHORIZED
                && let Some(state) = request.app_data::<Data<AppState>>()
            {
                let address = ClientAddress::of(request.request());
                state.app().admit_address(address.ip()).await?;
            }
            Err(failure)
        }
    }
}

/// The credential of a user that the request shows, as it is; nothing when it shows none.
pub(crate) fn shown(request: &ServiceRequest, address: ClientAddress) -> Option<Shown<'_>> {
    if request.headers().contains_key(AUTHORIZATION) {
        return Some(Shown::ApiKey(bearer(request)?, Some(address.ip())));
    }
    cookie(request, SESSION_COOKIE).map(Shown::Session)
}

/// The consistency token that the request shows.
pub(crate) fn consistency_token(request: &ServiceRequest) -> Option<&str> {
    header(request, &CONSISTENCY_HEADER).or_else(|| cookie(request, CONSISTENCY_COOKIE))
}

/// The value of a cookie. Ours have no letter that is written in another way, so none need be decoded, and the others need
/// not be looked at.
fn cookie<'a>(request: &'a ServiceRequest, name: &str) -> Option<&'a str> {
    let lines = request.headers().get_all(COOKIE);
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .find_map(|pair| {
            let pair = pair.trim_ascii();
            pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
        })
        .and_then(|value| std::str::from_utf8(value).ok())
}

/// The context of the request's use case, or why there is none.
async fn identify(request: &ServiceRequest, audience: Audience) -> Result<Arc<Cx>, Failure> {
    let Some(state) = request.app_data::<Data<AppState>>() else {
        return Err(Failure::from(panel_service::Error::internal(
            "the application has no state",
        )));
    };
    let app = state.app();
    let http = request.request();
    let address = ClientAddress::of(http);
    let meta = RequestMeta {
        id: RequestId::of(http).as_str().to_owned(),
        ip: Some(address.ip()),
        user_agent: header(request, &USER_AGENT).unwrap_or_default().to_owned(),
        consistency_token: consistency_token(request).map(ToOwned::to_owned),
        access: if request.method().is_safe() {
            auth::Access::Read
        } else {
            auth::Access::Change
        },
    };
    let who = match audience {
        Audience::Everybody => Actor::Anonymous.into(),
        Audience::Users => identity_of_user(app, request, address, meta.access).await?,
        Audience::Nodes => {
            let token = bearer(request).ok_or(panel_service::Error::Unauthenticated)?;
            auth::resolve_node(app, token).await?
        }
    };
    Ok(Arc::new(app.cx(who, meta)))
}

async fn identity_of_user(
    app: &App,
    request: &ServiceRequest,
    address: ClientAddress,
    access: auth::Access,
) -> Result<Identity, panel_service::Error> {
    match shown(request, address) {
        Some(Shown::ApiKey(key, ip)) => auth::resolve_api_key(app, key, ip, access).await,
        Some(Shown::Session(token)) => auth::resolve_session(app, token, access).await,
        Some(Shown::Nothing(_)) | None => Err(panel_service::Error::Unauthenticated),
    }
}

fn header<'a>(request: &'a ServiceRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn bearer(request: &ServiceRequest) -> Option<&str> {
    let (scheme, credential) = header(request, &AUTHORIZATION)?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| credential.trim())
}

/// Tells the client how far the caches must be for it to see what it wrote.
fn show_token<B>(response: &mut HttpResponse<B>, token: &str, secure: bool) {
    if let Ok(value) = HeaderValue::from_str(token) {
        response.headers_mut().insert(CONSISTENCY_HEADER, value);
    }
    let cookie = consistency_cookie(token.to_owned(), secure);
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "The consistency cookie could not be set");
    }
}

/// The token as a cookie, for plain navigations.
fn consistency_cookie(token: String, secure: bool) -> Cookie<'static> {
    Cookie::build(CONSISTENCY_COOKIE, token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(TOKEN_LIFE)
        .finish()
}
