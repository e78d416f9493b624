//! Refuses changes that a page of another site asks for with the user's cookie.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN};
use url::Url;

use crate::error::{BadRequest, Failure};
use crate::state::AppState;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Nothing when the request changes nothing, carries its own credential, or comes from a page of this panel; else why it is
/// refused.
#[must_use]
pub(crate) fn refusal(request: &ServiceRequest, state: &AppState) -> Option<Failure> {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    // A page cannot make a browser add this header on its own, unlike the cookie.
    let own_credential = request.headers().contains_key(AUTHORIZATION);
    if safe || own_credential {
        return None;
    }
    let allowed = match origin(request.headers(), Some(&state.options().url)) {
        Site::Same => true,
        Site::Other => false,
        // Browsers always say where a change comes from; a program that signs in has no cookie yet.
        Site::Unknown => request.cookie(state.options().session_cookie()).is_none(),
    };
    (!allowed).then(|| BadRequest::CrossSite.into())
}

/// Whether a page of another site sent it, whatever it shows.
#[must_use]
pub(crate) fn is_foreign(headers: &HeaderMap, panel: &Url) -> bool {
    origin(headers, Some(panel)) == Site::Other
}

#[derive(Debug, PartialEq, Eq)]
enum Site {
    Same,
    Other,
    Unknown,
}

fn origin(headers: &HeaderMap, panel: Option<&Url>) -> Site {
    // Set by the browser itself and out of reach of any page.
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return if site == "same-origin" {
            Site::Same
        } else {
            Site::Other
        };
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return Site::Unknown;
    };
    let Some(origin) = origin.to_str().ok().and_then(|o| Url::parse(o).ok()) else {
        return Site::Other;
    };
    let is_panel = panel.is_some_and(|panel| panel.origin() == origin.origin());
    // A page that was not loaded over TLS could have been written by anybody on the way.
    let as_safe = |scheme: &str| scheme == "https" || panel.is_none_or(|p| p.scheme() == scheme);
    let is_host = headers
        .get(HOST)
        .and_then(|h| h.to_str().ok())
        .is_some_and(|host| {
            matches!(origin.scheme(), "http" | "https")
                && as_safe(origin.scheme())
                && Url::parse(&format!("{}://{host}", origin.scheme()))
                    .is_ok_and(|host| host.origin() == origin.origin())
        });
    if is_panel || is_host {
        Site::Same
    } else {
        Site::Other
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn site(headers: &[(HeaderName, &'static str)]) -> Site {
        let panel = Url::parse("https://panel.example.com").unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name.clone(), HeaderValue::from_static(value));
        }
        origin(&map, Some(&panel))
    }

    #[test]
    fn the_panel_itself_and_the_host_asked_are_the_same_site() {
        assert_eq!(site(&[(ORIGIN, "https://panel.example.com")]), Site::Same);
        assert_eq!(
            site(&[(ORIGIN, "https://10.0.0.5:8000"), (HOST, "10.0.0.5:8000")]),
            Site::Same
        );
        assert_eq!(site(&[(SEC_FETCH_SITE, "same-origin")]), Site::Same);
    }

    #[test]
    fn look_alikes_are_not() {
        for origin in [
            "null",
            "https://panel.example.com.evil.test",
            "https://evil.test",
            "http://panel.example.com",
            "https://panel.example.com:8443",
            "https://panel.example.com@evil.test",
        ] {
            assert_eq!(
                site(&[(ORIGIN, origin), (HOST, "panel.example.com")]),
                Site::Other,
                "{origin}"
            );
        }
        assert_eq!(site(&[(SEC_FETCH_SITE, "same-site")]), Site::Other);
        assert_eq!(site(&[(SEC_FETCH_SITE, "cross-site")]), Site::Other);
        assert_eq!(site(&[(SEC_FETCH_SITE, "none")]), Site::Other);
    }

    #[test]
    fn programs_say_nothing() {
        assert_eq!(site(&[(HOST, "panel.example.com")]), Site::Unknown);
    }
}
