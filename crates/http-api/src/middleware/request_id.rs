//! A name for each request, in the answer, in errors and in every log line.

use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest};
use uuid::Uuid;

/// The header that carries the id.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Rc<str>);

impl RequestId {
    /// The id as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of this request; empty for one that passed no [`assign`].
    #[must_use]
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let assigned = request.extensions().get::<Self>().cloned();
        assigned.unwrap_or_else(|| Self(Rc::from("")))
    }
}

/// Names the request and says the name in the answer.
///
/// # Errors
///
/// Those of the request.
pub(crate) async fn assign(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // Always our own: an id that a client chose could be made to look like somebody else's in the log.
    let id = Uuid::new_v4().simple().to_string();
    let header = HeaderValue::from_str(&id);
    request.extensions_mut().insert(RequestId(Rc::from(id)));
    let mut response = next.call(request).await?;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    Ok(response)
}
