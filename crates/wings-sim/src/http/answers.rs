//! Bodies in and out, with the words and statuses of the daemon that is played.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wings_client::wire::system::ErrorBody;

use crate::core::Core;

/// Header of every answer of the Go daemons.
pub(super) const REQUEST_ID: &str = "X-Request-Id";

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    text: Cow<'static, str>,
    /// In plain text, as by the daemon's framework, instead of JSON.
    plain: bool,
    /// With the id of the request (Go).
    traced: bool,
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
        let id = self.traced.then(|| Uuid::new_v4().to_string());
        if let Some(id) = &id {
            response.insert_header((REQUEST_ID, id.clone()));
        }
        response.json(ErrorBody {
            error: self.text.to_string(),
            request_id: id,
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
        traced: false,
    }
}

fn refuse_plainly(status: StatusCode, text: String) -> Refusal {
    Refusal {
        status,
        text: text.into(),
        plain: true,
        traced: false,
    }
}

pub(super) fn no_server(core: &Core) -> Refusal {
    let text = if core.dialect().is_go() {
        "The requested resource does not exist on this instance."
    } else {
        "server not found"
    };
    refuse(StatusCode::NOT_FOUND, text)
}

/// What the Go daemons say of everything they did not foresee; it carries the id of the request.
pub(super) fn unforeseen() -> Refusal {
    Refusal {
        traced: true,
        ..refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "An unexpected error was encountered while processing this request",
        )
    }
}

/// A refusal by the Go daemons' central handler: it carries the id of the request.
pub(super) fn refuse_traced(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal {
        traced: true,
        ..refuse(status, text)
    }
}

/// A route that the daemon does not have.
pub(super) fn no_route(core: &Core) -> Refusal {
    if core.dialect().is_go() {
        refuse_plainly(StatusCode::NOT_FOUND, "404 page not found".into())
    } else {
        refuse(StatusCode::NOT_FOUND, "route not found")
    }
}

/// Done, nothing to say: 204 from the Go daemons, 200 with `{}` from Calagopus.
pub(super) fn done(core: &Core) -> HttpResponse {
    if core.dialect().is_go() {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::Ok().json(serde_json::json!({}))
    }
}

/// Accepted, the rest happens later: 202, with `{}` from Calagopus.
pub(super) fn accepted(core: &Core) -> HttpResponse {
    if core.dialect().is_go() {
        HttpResponse::Accepted().finish()
    } else {
        HttpResponse::Accepted().json(serde_json::json!({}))
    }
}

/// One answer of the Go daemons, another of Calagopus.
pub(super) fn by_family<T>(core: &Core, go: T, calagopus: T) -> T {
    if core.dialect().is_go() {
        go
    } else {
        calagopus
    }
}

/// Reads a JSON body; what is refused, Calagopus refuses in the plain text of its framework, and not without the right content type.
pub(super) fn json<T: DeserializeOwned>(
    core: &Core,
    request: &HttpRequest,
    body: &web::Bytes,
) -> Result<T, Refusal> {
    if core.dialect().is_go() {
        return go_json(body);
    }
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

fn go_json<T: DeserializeOwned>(body: &web::Bytes) -> Result<T, Refusal> {
    if body.is_empty() {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "The data passed in the request was not in a parsable format. Please try again.",
        ));
    }
    serde_json::from_slice(body).map_err(|_| Refusal {
        status: StatusCode::BAD_REQUEST,
        ..unforeseen()
    })
}

/// The server a path names, if it is there.
pub(super) fn known_server(core: &Core, text: &str) -> Result<Uuid, Refusal> {
    let Ok(server) = Uuid::try_parse(text) else {
        return Err(by_family(
            core,
            no_server(core),
            refuse(StatusCode::BAD_REQUEST, "invalid server uuid"),
        ));
    };
    core.read_server(server, |_| server)
        .ok_or_else(|| no_server(core))
}
