//! Whether this process lives and wants requests, and its metrics.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::json;

/// What the health and metrics pages tell.
#[derive(Clone)]
pub struct Vitals {
    /// Whether requests (or work) should come to this process now.
    pub ready: Arc<dyn Fn() -> bool + Send + Sync>,
    /// The metrics in the text format of Prometheus.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The pages `/health/live` and `/health/ready`, for probes that ask the port of the API.
pub(crate) fn pages(vitals: Vitals) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config
            .app_data(Data::new(vitals))
            .route("/health/live", web::get().to(live))
            .route("/health/ready", web::get().to(ready));
    }
}

/// A server of its own for health and metrics, which stay private that way. Runs until it is stopped.
///
/// # Errors
///
/// The address is taken or not this machine's.
pub fn serve(address: SocketAddr, vitals: Vitals) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .configure(pages(vitals.clone()))
            .route("/metrics", web::get().to(metrics))
    });
    Ok(server.workers(1).disable_signals().bind(address)?.run())
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// Says nothing of the database or Redis: without them a server still answers what it can, and taking all
/// servers away would be worse.
async fn ready(vitals: Data<Vitals>) -> HttpResponse {
    if (vitals.ready)() {
        HttpResponse::Ok().json(json!({ "status": "ready" }))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({ "status": "stopping" }))
    }
}

async fn metrics(vitals: Data<Vitals>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body((vitals.metrics)())
}
