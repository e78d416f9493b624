//! Sends clients elsewhere while this server is about to stop.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONNECTION, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::state::AppState;

/// Asks the client to close the connection after this answer, once the server drains.
///
/// # Errors
///
/// Those of the request.
pub(crate) async fn close_connections(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let draining = response
        .request()
        .app_data::<Data<AppState>>()
        .is_some_and(|state| state.drain().has_begun());
    if draining {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
        // The header alone leaves the decision to the client; this makes the server close as well.
        response
            .response_mut()
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    Ok(response)
}
