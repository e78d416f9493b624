//! A log line and the metrics of each request.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use tracing::Instrument as _;

use super::request_id::RequestId;

/// What stands for the path of requests that no route takes, which clients could otherwise fill the metrics with.
const NO_ROUTE: &str = "none";

/// Logs the request and counts it. Paths appear as the route has them, so that no identifier, token or query does.
///
/// # Errors
///
/// Those of the request.
pub(crate) async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let method = method_label(&request);
    let id = RequestId::of(request.request());
    let span = tracing::info_span!("request", request_id = id.as_str(), method);
    let started = Instant::now();
    metrics::gauge!("http_requests_in_flight").increment(1.0);
    let in_flight = InFlight;
    let result = next.call(request).instrument(span.clone()).await;
    drop(in_flight);
    let elapsed = started.elapsed().as_secs_f64();
    let (status, route) = match &result {
        Ok(response) => (
            response.status(),
            response
                .request()
                .match_pattern()
                .unwrap_or_else(|| NO_ROUTE.to_owned()),
        ),
        Err(error) => (error.as_response_error().status_code(), NO_ROUTE.to_owned()),
    };
    span.in_scope(|| {
        tracing::info!(
            route,
            status = status.as_u16(),
            seconds = elapsed,
            "Answered {method} {route}"
        );
    });
    metrics::counter!(
        "http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned()
    )
    .increment(1);
    metrics::histogram!("http_request_seconds", "method" => method, "route" => route)
        .record(elapsed);
    result
}

/// Counts down also when the client goes away and the request is dropped.
struct InFlight;

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("http_requests_in_flight").decrement(1.0);
    }
}

fn method_label(request: &ServiceRequest) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
