//! Bodies in and out, with the words and statuses of a Calagopus daemon.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wings_client::wire::system::ErrorBody;

use crate::core::Core;

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    text: Cow<'static, str>,
    /// In plain text, as by the daemon's framework, instead of JSON.
    plain: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.plain {
            return response
                .content_type("text/plain; charset=utf-8")
                .body(self.text.to_string());
        }
        response.json(ErrorBody {
            error: self.text.to_string(),
            request_id: None,
        })
    }
}

/// What handlers answer.
pub(super) type Answer = Result<HttpResponse, Refusal>;

pub(super) fn refuse(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal {
        status,
        text: text.into(),
        plain: false,
    }
}

fn refuse_plainly(status: StatusCode, text: String) -> Refusal {
    Refusal {
        status,
        text: text.into(),
        plain: true,
    }
}

pub(super) fn no_server() -> Refusal {
    refuse(StatusCode::NOT_FOUND, "server not found")
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
) -> Result<T, Refusal> {
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Err(refuse_plainly(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Expected request with `Content-Type: application/json`".into(),
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            refuse_plainly(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("Failed to deserialize the JSON body into the target type: {error}"),
            )
        } else {
            refuse_plainly(
                StatusCode::BAD_REQUEST,
                format!("Failed to parse the request body as JSON: {error}"),
            )
        }
    })
}

/// The server a path names, if it is there.
pub(super) fn known_server(core: &Core, text: &str) -> Result<Uuid, Refusal> {
    let server = Uuid::try_parse(text)
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "invalid server uuid"))?;
    core.read_server(server, |_| server).ok_or_else(no_server)
}
