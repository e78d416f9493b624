//! Headers that keep browsers from doing more with an answer than it is meant for.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use crate::state::HttpOptions;

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

const API: [(HeaderName, &str); 2] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (CACHE_CONTROL, "no-store"),
];

/// The headers of this process's answers, made once.
#[derive(Debug)]
pub(crate) struct SecurityHeaders {
    /// Those of the API's answers only, then those of all.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl SecurityHeaders {
    /// As the options want them.
    #[must_use]
    pub(crate) fn new(options: &HttpOptions) -> Self {
        let fixed = API.into_iter().chain(ALWAYS);
        let mut headers: Vec<_> = fixed
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect();
        if options.is_https() {
            headers.push((
                STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            ));
        }
        if let Some(name) = &options.server_name {
            headers.push((SERVER_NAME, name.clone()));
        }
        Self { headers }
    }

    /// Adds the headers to an answer of the API that has none of them yet.
    pub(crate) fn add_to_api(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// Adds the headers that an answer has not set itself.
    pub(crate) fn complete(&self, headers: &mut HeaderMap, is_api: bool) {
        let from = if is_api { 0 } else { API.len() };
        for (name, value) in self.headers.iter().skip(from) {
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}
