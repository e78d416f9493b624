//! The routes: files by their path, and the page itself for every address that the page's own router knows.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, guard};

use crate::assets::{self, Asset};
use crate::headers::{FOREVER, REVALIDATE, content_security_policy};

const PAGE: &str = "index.html";
const NOT_BUILT: &str = include_str!("not_built.html");
const SCRIPT_FREE: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the web UI to an application. It takes every `GET` and `HEAD` outside of `/api` that no earlier service has
/// taken, so it has to be added after all others; other methods and unknown paths below `/api` are left to the
/// application's default service.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/{path:.*}")
            .guard(guard::fn_guard(|context| {
                let head = context.head();
                let reads = head.method == Method::GET || head.method == Method::HEAD;
                reads && !is_api(head.uri.path())
            }))
            .to(answer),
    );
}

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

async fn answer(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    if path != PAGE
        && let Some(asset) = assets::find(path, request.headers())
    {
        return file(&request, path, asset);
    }
    // A missing file must not come back as the page: the browser would take HTML for a script, and a page of an
    // earlier version could not notice that it is outdated.
    if path.starts_with("assets/") {
        return HttpResponse::NotFound()
            .insert_header((CACHE_CONTROL, REVALIDATE))
            .finish();
    }
    match assets::find(PAGE, request.headers()) {
        Some(asset) => page(&request, asset),
        None => not_built(),
    }
}

fn file(request: &HttpRequest, path: &str, asset: Asset) -> HttpResponse {
    let cache = if path.starts_with("assets/") {
        FOREVER
    } else {
        REVALIDATE
    };
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text = kind.type_() == mime_guess::mime::TEXT || kind.subtype() == "javascript";
    let kind = if text {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    // A picture opened by itself is a document of its own; without scripts it can't do harm.
    if path.ends_with(".svg") {
        response.insert_header((CONTENT_SECURITY_POLICY, SCRIPT_FREE));
    }
    finish(request, path, asset, response)
}

fn page(request: &HttpRequest, asset: Asset) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, REVALIDATE))
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, content_security_policy(request)))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    finish(request, PAGE, asset, response)
}

/// Adds what depends on the form of the file, or answers that the client has it already.
fn finish(
    request: &HttpRequest,
    path: &str,
    asset: Asset,
    mut response: HttpResponseBuilder,
) -> HttpResponse {
    if assets::has_twins(path) {
        response.insert_header((VARY, "Accept-Encoding"));
    }
    let known = request
        .headers()
        .get_all(IF_NONE_MATCH)
        .any(|value| matches(value, &asset.etag));
    response.insert_header((ETAG, asset.etag));
    if known {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    if let Some(encoding) = asset.encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    response.body(asset.bytes.into_owned())
}

/// Whether a list of entity tags names this one, weak or strong (RFC 9110, 13.1.2).
fn matches(value: &HeaderValue, etag: &str) -> bool {
    value.to_str().is_ok_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
    })
}

fn not_built() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, SCRIPT_FREE))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(NOT_BUILT)
}
