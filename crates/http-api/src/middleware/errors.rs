//! The bodies of errors: each says what went wrong, with a code and the request's id.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::request_id::RequestId;
use crate::error::Failure;
use crate::openapi::Audience;

/// Writes the body of a [`Failure`], wherever inside it came from.
///
/// # Errors
///
/// Errors that are not ours, which actix-web answers itself.
pub(crate) async fn write_bodies(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // Copies, not the request itself: actix-web must be its only owner while it looks for the route.
    let id = RequestId::of(request.request());
    let audience = Audience::of(request.path());
    let response = next.call(request).await?;
    let body = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Failure>())
        .map(|failure| match audience {
            Audience::Nodes => failure.response_for_daemons(),
            Audience::Everybody | Audience::Users => failure.response(id.as_str()),
        });
    Ok(match body {
        Some(body) => {
            let (http_request, _) = response.into_parts();
            ServiceResponse::new(http_request, body)
        }
        None => response.map_into_boxed_body(),
    })
}
