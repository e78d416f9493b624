//! What went wrong, as a client is told: the only place that turns an error into a status, a code and a body.

use std::fmt;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use panel_api_types::error::{ApiError, FieldError};
use panel_domain::validate::Invalid;
use panel_service::Error;

/// As long as a node that did not answer is left alone at first: before that, another try fails like the first one.
const NODE_REST: Duration = Duration::from_secs(5);

/// Why a request is not answered with success: an error of the use case, or of the request itself.
#[derive(Debug)]
pub enum Failure {
    /// The use case said so.
    Service(Error),
    /// The request as such is not acceptable, whatever it asks.
    Request(BadRequest),
}

/// What is wrong with a request as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadRequest {
    /// Nothing answers at this path.
    NoRoute,
    /// Something answers here, but not to this method; the methods it knows.
    MethodNotAllowed(String),
    /// The body is not `application/json`.
    NotJson,
    /// The body is larger than so many bytes.
    TooLarge(usize),
    /// The body did not arrive in full.
    Interrupted,
    /// The body, the path or the query cannot be read; what is wrong with which part.
    Malformed(Invalid),
    /// A page of another site sent it with this user's cookie.
    CrossSite,
}

/// `Result` of a handler.
pub type Answer<T> = Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<BadRequest> for Failure {
    fn from(bad: BadRequest) -> Self {
        Self::Request(bad)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages().join("; "))
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Service(error) => Some(error),
            Self::Request(_) => None,
        }
    }
}

impl Failure {
    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Service(error) => match error {
                Error::Unauthenticated => StatusCode::UNAUTHORIZED,
                Error::Denied { .. } => StatusCode::FORBIDDEN,
                Error::NotFound { .. } => StatusCode::NOT_FOUND,
                // A node that lacks a function is a state that another daemon would mend, not a defect of ours.
                Error::Conflict { .. }
                | Error::Taken(_)
                | Error::KeyInUse { .. }
                | Error::NodeLacksCapability { .. } => StatusCode::CONFLICT,
                Error::NotAsExpected { .. } => StatusCode::PRECONDITION_FAILED,
                Error::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
                Error::Invalid(_) => StatusCode::BAD_REQUEST,
                Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
                Error::Unavailable { .. } | Error::NodeUnreachable => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                Error::NodeRefused { .. } => StatusCode::BAD_GATEWAY,
                Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::Request(bad) => match bad {
                BadRequest::NoRoute => StatusCode::NOT_FOUND,
                BadRequest::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
                BadRequest::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
                BadRequest::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
                BadRequest::Interrupted | BadRequest::Malformed(_) => StatusCode::BAD_REQUEST,
                BadRequest::CrossSite => StatusCode::FORBIDDEN,
            },
        }
    }

    /// The code for programs; once published it keeps its meaning.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Service(error) => match error {
                Error::Unauthenticated => "unauthenticated",
                Error::Denied { code, .. }
                | Error::Conflict { code, .. }
                | Error::NotAsExpected { code, .. } => code,
                Error::NotFound { noun } => return format!("{}_not_found", noun.replace(' ', "_")),
                Error::Invalid(_) => "invalid_input",
                Error::Taken(_) => "taken",
                Error::KeyInUse { .. } => "idempotency_key_in_use",
                Error::KeyReused => "idempotency_key_reused",
                Error::RateLimited { .. } => "rate_limited",
                Error::Unavailable { .. } => "unavailable",
                Error::NodeUnreachable => "node_unreachable",
                Error::NodeRefused { .. } => "node_refused",
                Error::NodeLacksCapability { .. } => "node_lacks_capability",
                Error::Internal(_) => "internal",
            },
            Self::Request(bad) => match bad {
                BadRequest::NoRoute => "no_such_path",
                BadRequest::MethodNotAllowed(_) => "method_not_allowed",
                BadRequest::NotJson => "not_json",
                BadRequest::TooLarge(_) => "too_large",
                BadRequest::Interrupted => "interrupted",
                BadRequest::Malformed(_) => "invalid_input",
                BadRequest::CrossSite => "cross_site",
            },
        }
        .to_owned()
    }

    /// The sentences for people.
    fn messages(&self) -> Vec<String> {
        match self {
            Self::Service(Error::Invalid(invalid) | Error::Taken(invalid))
            | Self::Request(BadRequest::Malformed(invalid)) => {
                invalid.fields().iter().map(ToString::to_string).collect()
            }
            // What failed inside is for the log; the request id leads there.
            Self::Service(Error::Internal(_)) => {
                vec!["Something went wrong inside the panel; its log has more under the request id.".to_owned()]
            }
            Self::Service(error) => vec![error.to_string()],
            Self::Request(bad) => vec![match bad {
                BadRequest::NoRoute => "there is nothing at this path; /openapi.json lists what there is".to_owned(),
                BadRequest::MethodNotAllowed(allowed) => {
                    format!("this path does not know the method; it knows {allowed}")
                }
                BadRequest::NotJson => "send the body as JSON, with content-type: application/json".to_owned(),
                BadRequest::TooLarge(limit) => format!("the body may have {limit} bytes at most"),
                BadRequest::Interrupted => "the body did not arrive in full".to_owned(),
                BadRequest::CrossSite => {
                    "the request came from a page of another site; open the panel at its own address".to_owned()
                }
                BadRequest::Malformed(_) => String::new(),
            }],
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Service(Error::Invalid(invalid) | Error::Taken(invalid))
            | Self::Request(BadRequest::Malformed(invalid)) => invalid
                .fields()
                .iter()
                .map(|f| FieldError {
                    field: f.field.clone(),
                    message: f.message.clone(),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Headers that say when to try again, or with which method.
    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
        const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
        const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
        match self {
            Self::Service(Error::RateLimited { limit, retry_after }) => {
                let seconds = HeaderValue::from(whole_seconds(*retry_after));
                vec![
                    (RETRY_AFTER, seconds.clone()),
                    (LIMIT, HeaderValue::from(*limit)),
                    (REMAINING, HeaderValue::from(0)),
                    (RESET, seconds),
                ]
            }
            Self::Service(Error::Unavailable { retry_after } | Error::KeyInUse { retry_after }) => {
                vec![(RETRY_AFTER, HeaderValue::from(whole_seconds(*retry_after)))]
            }
            Self::Service(Error::NodeUnreachable) => {
                vec![(RETRY_AFTER, HeaderValue::from(whole_seconds(NODE_REST)))]
            }
            Self::Request(BadRequest::MethodNotAllowed(allowed)) => HeaderValue::from_str(allowed)
                .map(|allowed| vec![(ALLOW, allowed)])
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The whole answer to a daemon: the Go daemons read objects of three texts, Calagopus the status alone.
    #[must_use]
    pub fn response_for_daemons(&self) -> HttpResponse {
        self.log();
        let status = self.status();
        let errors: Vec<_> = self
            .messages()
            .into_iter()
            .map(|detail| {
                serde_json::json!({ "code": self.code(), "status": status.as_str(), "detail": detail })
            })
            .collect();
        HttpResponse::build(status).json(serde_json::json!({ "errors": errors }))
    }

    fn log(&self) {
        if let Self::Service(Error::Internal(cause)) = self {
            tracing::error!(error = %causes(cause.as_ref()), "A request failed inside the panel");
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn response(&self, request_id: &str) -> HttpResponse {
        self.log();
        let mut response = HttpResponse::build(self.status());
        for header in self.headers() {
            response.insert_header(header);
        }
        response.json(ApiError {
            errors: self.messages(),
            code: self.code(),
            request_id: request_id.to_owned(),
            fields: self.fields(),
        })
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Without a body: only the middleware that knows the request's id can write one
    /// ([`crate::middleware::errors`]).
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status())
    }
}

/// At least the whole duration, since a client that comes back early is refused again.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_stays_inside() {
        let failure = Failure::from(Error::internal("password=hunter2"));
        assert_eq!(failure.status(), 500);
        assert!(!failure.to_string().contains("hunter2"));
        assert_eq!(failure.code(), "internal");
    }

    #[test]
    fn fields_are_named() {
        let failure = Failure::from(Error::invalid("limits.memory", "must be at least 0"));
        assert_eq!(failure.status(), 400);
        assert_eq!(failure.fields()[0].field, "limits.memory");
        assert_eq!(failure.messages(), ["limits.memory: must be at least 0"]);
    }

    #[test]
    fn not_found_names_the_noun() {
        assert_eq!(
            Failure::from(Error::not_found("egg variable")).code(),
            "egg_variable_not_found"
        );
    }

    #[test]
    fn waiting_is_rounded_up() {
        let failure = Failure::from(Error::RateLimited {
            limit: 10,
            retry_after: Duration::from_millis(1_200),
        });
        let response = failure.response("r");
        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "2");
        assert_eq!(response.headers().get("x-ratelimit-limit").unwrap(), "10");
    }
}
