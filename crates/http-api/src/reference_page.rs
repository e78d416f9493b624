//! A page that shows the OpenAPI document to people. Everything on it comes from this server.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use actix_web::{HttpResponse, get};

const PAGE: &str = include_str!("reference_page/page.html");
const STYLE: &str = include_str!("reference_page/page.css");
const SCRIPT: &str = include_str!("reference_page/page.js");

/// The page.
#[get("/api")]
pub(crate) async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'",
        ))
        .body(PAGE)
}

/// How it looks.
#[get("/api/reference.css")]
pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(STYLE)
}

/// What fills it.
#[get("/api/reference.js")]
pub(crate) async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(SCRIPT)
}
