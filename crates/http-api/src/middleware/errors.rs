//! The bodies of errors: each says what went wrong, with a code and the request's id.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;

use super::request_id::RequestId;
use crate::error::Failure;
use crate::openapi::Audience;

/// Writes the body of a [`Failure`], wherever inside it came from; any other answer stays as it is.
pub(crate) fn with_body(
    response: ServiceResponse<BoxBody>,
    id: RequestId,
    audience: Audience,
) -> ServiceResponse<BoxBody> {
    let body = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Failure>())
        .map(|failure| match audience {
            Audience::Nodes => failure.response_for_daemons(),
            Audience::Everybody | Audience::Users => failure.response(id.as_str()),
        });
    match body {
        Some(body) => {
            let (request, _) = response.into_parts();
            ServiceResponse::new(request, body)
        }
        None => response,
    }
}
