//! Sends clients elsewhere while this server is about to stop.

use actix_web::dev::ServiceResponse;
use actix_web::http::ConnectionType;
use actix_web::http::header::{CONNECTION, HeaderValue};

/// Asks the client to close the connection after this answer.
pub(crate) fn close_connection<B>(response: &mut ServiceResponse<B>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    // The header alone leaves the decision to the client; this makes the server close as well.
    response
        .response_mut()
        .head_mut()
        .set_connection_type(ConnectionType::Close);
}
