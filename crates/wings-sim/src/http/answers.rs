//! Bodies in and out, with the words and statuses of a Calagopus daemon.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wings_client::wire::system::ErrorBody;

use crate::core::Core;

pub(super) fn refuse(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status).json(ErrorBody {
        error: text.to_owned(),
        request_id: None,
    })
}

/// 200 with `{}`, as a Calagopus daemon says "done".
pub(super) fn done() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({}))
}

/// 202 with `{}`: accepted, the rest happens later.
pub(super) fn accepted() -> HttpResponse {
    HttpResponse::Accepted().json(serde_json::json!({}))
}

/// Reads a JSON body; what is refused, is refused in plain text as by the daemon's framework.
pub(super) fn json<T: DeserializeOwned>(
    request: &HttpRequest,
    body: &web::Bytes,
) -> Result<T, HttpResponse> {
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Err(HttpResponse::UnsupportedMediaType()
            .body("Expected request with `Content-Type: application/json`"));
    }
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            HttpResponse::UnprocessableEntity().body(format!(
                "Failed to deserialize the JSON body into the target type: {error}"
            ))
        } else {
            HttpResponse::BadRequest()
                .body(format!("Failed to parse the request body as JSON: {error}"))
        }
    })
}

/// The server a path names, if it is there.
pub(super) fn known_server(core: &Core, text: &str) -> Result<Uuid, HttpResponse> {
    let server = Uuid::try_parse(text)
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "invalid server uuid"))?;
    core.read_server(server, |_| server)
        .ok_or_else(|| refuse(StatusCode::NOT_FOUND, "server not found"))
}
