//! The web UI behind a real application. Passes with and without a build of the pages, which decides only what the
//! page is.

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, web};

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap_or("not ASCII"))
}

async fn settings() -> &'static str {
    "{}"
}

async fn nothing_else() -> HttpResponse {
    HttpResponse::new(StatusCode::IM_A_TEAPOT)
}

macro_rules! app {
    () => {
        init_service(
            App::new()
                .route("/api/settings", web::get().to(settings))
                .configure(panel_web_ui::routes)
                .default_service(web::to(nothing_else)),
        )
        .await
    };
}

#[actix_web::test]
async fn any_address_of_the_page_answers_with_the_page() {
    let app = app!();
    for path in ["/", "/admin/nodes", "/server/0a1b2c3d", "/index.html"] {
        let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let headers = response.headers();
        assert_eq!(
            text(headers, header::CONTENT_TYPE),
            "text/html; charset=utf-8",
            "{path}"
        );
        let policy = text(headers, header::CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("script-src 'unsafe-inline'"), "{policy}");
        let cache = text(headers, header::CACHE_CONTROL);
        assert!(cache.starts_with("no-"), "{cache}");
        assert!(!read_body(response).await.is_empty());
    }
}

#[actix_web::test]
async fn the_api_and_other_methods_are_left_alone() {
    let app = app!();
    let known = TestRequest::get().uri("/api/settings").to_request();
    assert_eq!(call_service(&app, known).await.status(), StatusCode::OK);
    for (method, path) in [
        (Method::GET, "/api/unknown"),
        (Method::GET, "/api"),
        (Method::POST, "/"),
        (Method::DELETE, "/admin/nodes"),
    ] {
        let request = TestRequest::default().method(method.clone()).uri(path);
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(
            response.status(),
            StatusCode::IM_A_TEAPOT,
            "{method} {path}"
        );
    }
}

#[actix_web::test]
async fn a_missing_asset_is_not_the_page() {
    let app = app!();
    let request = TestRequest::get().uri("/assets/gone-12345678.js");
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(text(response.headers(), header::CACHE_CONTROL), "no-cache");
}

#[actix_web::test]
async fn records_of_the_build_are_not_served() {
    let app = app!();
    let request = TestRequest::get().uri("/.vite/manifest.json");
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(
        text(response.headers(), header::CONTENT_TYPE),
        "text/html; charset=utf-8"
    );
}

#[actix_web::test]
async fn a_page_that_the_client_has_is_not_sent_again() {
    let app = app!();
    let first = call_service(&app, TestRequest::get().uri("/").to_request()).await;
    let Some(etag) = first.headers().get(header::ETAG).cloned() else {
        // There is no build, and the page that says so is never stored.
        assert_eq!(text(first.headers(), header::CACHE_CONTROL), "no-store");
        return;
    };
    let request = TestRequest::get()
        .uri("/")
        .insert_header((header::IF_NONE_MATCH, etag));
    let second = call_service(&app, request.to_request()).await;
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert!(read_body(second).await.is_empty());
}
