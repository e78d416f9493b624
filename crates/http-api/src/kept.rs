//! Operations whose answers are kept whole, and what of a request decides which answer it is given.

use std::io::Write as _;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ContentType, HeaderMap, HeaderValue, VARY,
};
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use panel_domain::page::Page;
use panel_service::answers::{Answer, Question, Shown};
use panel_service::{App, Error};
use serde::Serialize;

use crate::middleware::authenticate;
use crate::middleware::client_address::ClientAddress;
use crate::settings::public;

/// An answer that is serialized already.
pub(crate) fn json(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(body)
}

/// A value as the body of an answer.
///
/// # Errors
/// It has no JSON form.
pub(crate) fn serialized(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(Error::internal)
}

/// The question that `GET /api/settings` asks.
pub(crate) const SETTINGS: Question = Question {
    operation: "settings",
    page: None,
};

/// The question that `GET /api/client/account` asks.
pub(crate) const ACCOUNT: Question = Question {
    operation: "account",
    page: None,
};

/// The question that `GET /api/client/servers` asks without a search.
pub(crate) const fn servers(page: Page) -> Question {
    Question {
        operation: "servers",
        page: Some((page.number(), page.per_page())),
    }
}

/// An answer that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// What everybody may know of the panel.
    Settings,
    /// The own account.
    Account,
    /// A page of the own servers.
    Servers(Page),
}

impl Kept {
    /// The answer that a GET of this path and query asks for. A query that needs more than a look is left to the route.
    #[must_use]
    pub(crate) fn wanted(path: &str, query: &str) -> Option<Self> {
        match path {
            "/api/settings" => Some(Self::Settings),
            "/api/client/account" => Some(Self::Account),
            "/api/client/servers" => page(query).map(Self::Servers),
            _ => None,
        }
    }

    /// How many kinds there are.
    pub(crate) const COUNT: usize = 3;

    /// The number of its kind.
    #[must_use]
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Settings => 0,
            Self::Account => 1,
            Self::Servers(_) => 2,
        }
    }

    /// The pattern of its route.
    #[must_use]
    pub(crate) const fn route(self) -> &'static str {
        match self {
            Self::Settings => "/api/settings",
            Self::Account => "/api/client/account",
            Self::Servers(_) => "/api/client/servers",
        }
    }

    const fn question(self) -> Question {
        match self {
            Self::Settings => SETTINGS,
            Self::Account => ACCOUNT,
            Self::Servers(page) => servers(page),
        }
    }

    /// The answer, if it can be given without waiting, to a request that came `now`, which the clock calls `at`.
    #[must_use]
    pub(crate) fn at_once(
        self,
        app: &App,
        request: &ServiceRequest,
        address: ClientAddress,
        now: Instant,
        at: DateTime<Utc>,
    ) -> Option<HttpResponse> {
        let shown = self.shown(request, address)?;
        let token = authenticate::consistency_token(request);
        let answer = app.kept_at_once(shown, self.question(), token, now)?;
        Some(self.response(request, &answer, at))
    }

    /// The answer, if Redis has it.
    pub(crate) async fn in_redis(
        self,
        app: &App,
        request: &ServiceRequest,
        address: ClientAddress,
        at: DateTime<Utc>,
    ) -> Option<HttpResponse> {
        let shown = self.shown(request, address)?;
        let token = authenticate::consistency_token(request);
        let answer = app.kept_in_redis(shown, self.question(), token).await?;
        Some(self.response(request, &answer, at))
    }

    fn shown(self, request: &ServiceRequest, address: ClientAddress) -> Option<Shown<'_>> {
        match self {
            Self::Settings => Some(Shown::Nothing(Some(address.ip()))),
            Self::Account | Self::Servers(_) => authenticate::shown(request, address),
        }
    }

    fn response(
        self,
        request: &ServiceRequest,
        answer: &Answer,
        at: DateTime<Utc>,
    ) -> HttpResponse {
        let large = answer.length() > ONE_PACKET;
        // The time in the settings is different each time.
        let compressed = large && self != Self::Settings && takes_gzip(request.headers());
        let body = match self {
            Self::Settings => public::with_time(&answer.body(), at),
            _ if compressed => answer.compressed(gzip),
            _ => answer.body(),
        };
        let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if compressed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if large {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
}

/// What fits into one packet takes as long compressed.
const ONE_PACKET: usize = 1400;

/// Whether a client takes what is compressed with gzip. One that says so with a weight is given what everybody takes.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|coding| coding.trim() == "gzip")
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    encoder.write_all(body).ok();
    encoder.finish().unwrap_or_default()
}

/// The page that a query asks for which says nothing else.
fn page(query: &str) -> Option<Page> {
    let (mut page, mut per_page) = (None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let slot = match pair.split_once('=')? {
            ("page", number) => (&mut page, number),
            ("per_page", number) => (&mut per_page, number),
            _ => return None,
        };
        if slot.0.is_some() {
            return None;
        }
        *slot.0 = Some(slot.1.parse().ok()?);
    }
    Some(Page::new(page, per_page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_tell_pages_apart_and_anything_else_is_left_to_the_route() {
        let wanted = |query| Kept::wanted("/api/client/servers", query);
        assert_eq!(wanted(""), Some(Kept::Servers(Page::new(None, None))));
        assert_eq!(
            wanted("page=2&per_page=10"),
            Some(Kept::Servers(Page::new(Some(2), Some(10))))
        );
        assert_ne!(wanted("page=2"), wanted("page=3"));
        for query in [
            "search=x",
            "other=true",
            "page=x",
            "page=1&page=2",
            "page",
            "page=%31",
        ] {
            assert_eq!(wanted(query), None, "{query}");
        }
        assert_eq!(Kept::wanted("/api/client/servers/", ""), None);
    }
}
