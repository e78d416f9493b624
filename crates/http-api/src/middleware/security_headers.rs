//! Headers that keep browsers from doing more with an answer than it is meant for.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;

use crate::state::AppState;

const SERVER_NAME: HeaderName = HeaderName::from_static("x-server-name");

const ALWAYS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// Adds the headers to the answer; one that a page has set itself stays.
///
/// # Errors
///
/// Those of the request.
pub(crate) async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let state = response
        .request()
        .app_data::<actix_web::web::Data<AppState>>()
        .cloned();
    let is_api = response.request().path().starts_with("/api/");
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    for (name, value) in ALWAYS {
        set(name, HeaderValue::from_static(value));
    }
    if is_api {
        set(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
        set(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(state) = state {
        if state.options().is_https() {
            set(
                STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            );
        }
        if let Some(name) = &state.options().server_name {
            set(SERVER_NAME, name.clone());
        }
    }
    Ok(response)
}
