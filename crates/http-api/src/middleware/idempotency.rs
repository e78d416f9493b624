//! Changes that clients may send again: the `Idempotency-Key` of a request.

use std::sync::Arc;

use actix_web::body::{BoxBody, EitherBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use panel_domain::validate::Invalid;
use panel_service::Cx;
use panel_service::idempotency::{self, AnswerHead, Begun, Ended, KeptAnswer, KeyedRequest};

use crate::error::{BadRequest, Failure};
use crate::extract::json;
use crate::state::AppState;

/// The header that carries the key.
const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The most characters of a key.
pub(crate) const MAX_KEY_LENGTH: usize = 255;

/// On an answer that was made for an earlier attempt.
const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Does a change once, however often it is sent with the same key. Requests without a key, and those that change nothing, pass.
///
/// # Errors
///
/// Those of the request.
pub(crate) async fn once<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || !request.headers().contains_key(KEY_HEADER) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    // What leads nowhere is not worth a claim.
    let Some(pattern) = request.match_pattern() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let route = format!("{} {pattern}", request.method());
    match prepare(&request) {
        Ok(sent) => keyed(request, next, &route, sent).await,
        Err(failure) => Ok(request.error_response(failure).map_into_right_body()),
    }
}

/// What is needed to do something once.
struct Sent {
    key: String,
    cx: Arc<Cx>,
    state: Data<AppState>,
}

fn prepare(request: &ServiceRequest) -> Result<Sent, Failure> {
    let key = key(request)?;
    let cx = request.extensions().get::<Arc<Cx>>().cloned();
    let state = request.app_data::<Data<AppState>>().cloned();
    match cx.zip(state) {
        Some((cx, state)) => Ok(Sent { key, cx, state }),
        None => Err(panel_service::Error::internal("the request has no context").into()),
    }
}

/// The key: one header of visible ASCII characters.
fn key(request: &ServiceRequest) -> Result<String, Failure> {
    let mut sent = request.headers().get_all(KEY_HEADER);
    let key = sent.next().map(HeaderValue::as_bytes).unwrap_or_default();
    let fits = (1..=MAX_KEY_LENGTH).contains(&key.len());
    let visible = key.iter().all(u8::is_ascii_graphic);
    match String::from_utf8(key.to_vec()) {
        Ok(key) if fits && visible && sent.next().is_none() => Ok(key),
        _ => Err(BadRequest::Malformed(Invalid::of(
            "Idempotency-Key",
            format!("must be one header of 1 to {MAX_KEY_LENGTH} visible ASCII characters"),
        ))
        .into()),
    }
}

async fn keyed<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
    route: &str,
    Sent { key, cx, state }: Sent,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let body = match json::read(request.take_payload(), json::LARGEST_LIMIT).await {
        Ok(body) => body.freeze(),
        Err(failure) => return Ok(request.error_response(failure).map_into_right_body()),
    };
    let target = request.uri().to_string();
    let begun = idempotency::begin(
        &cx,
        KeyedRequest {
            key: &key,
            route,
            target: &target,
            body: &body,
        },
    )
    .await;
    match begun {
        Ok(Begun::First) => {}
        Ok(Begun::Again(answer)) => {
            let response = replay(answer);
            return Ok(request.into_response(response).map_into_right_body());
        }
        Err(error) => {
            let failure = Failure::from(error);
            return Ok(request.error_response(failure).map_into_right_body());
        }
    }
    request.set_payload(Payload::from(body));
    let done = async move {
        let answered = next.call(request).await;
        end(&cx, answered).await
    };
    // The answer belongs to the change: whoever hangs up must find it when he asks again.
    state.drain().run(done).await.unwrap_or_else(|| {
        let panicked = panel_service::Error::internal("the handler panicked");
        Err(Failure::from(panicked).into())
    })
}

/// Keeps the answer with what the request has written.
async fn end<B: MessageBody + 'static>(
    cx: &Cx,
    answered: Result<ServiceResponse<B>, Error>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let response = match answered {
        Ok(response) => response,
        Err(error) => {
            let status = error.as_response_error().status_code();
            idempotency::end(cx, unsuccessful(status))
                .await
                .map_err(Failure::from)?;
            return Err(error);
        }
    };
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return Ok(match idempotency::end(cx, unsuccessful(status)).await {
            Ok(()) => response.map_into_left_body(),
            Err(error) => failed(response.into_parts().0, error),
        });
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let Ok(body) = to_bytes(body).await else {
        idempotency::end(cx, Ended::Failed)
            .await
            .map_err(Failure::from)?;
        let incomplete = panel_service::Error::internal("the answer ended early");
        return Ok(failed(request, incomplete));
    };
    let answer = KeptAnswer {
        head: head_of(&response),
        body: body.to_vec(),
    };
    Ok(match idempotency::end(cx, Ended::Done(answer)).await {
        Ok(()) => {
            let response = response.set_body(BoxBody::new(body));
            ServiceResponse::new(request, response).map_into_right_body()
        }
        Err(error) => failed(request, error),
    })
}

fn unsuccessful(status: StatusCode) -> Ended {
    if status.is_client_error() {
        Ended::Refused
    } else {
        Ended::Failed
    }
}

fn failed<B>(request: HttpRequest, error: panel_service::Error) -> ServiceResponse<EitherBody<B>> {
    let failure = Failure::from(error);
    ServiceResponse::new(request, HttpResponse::from_error(failure)).map_into_right_body()
}

fn head_of(response: &HttpResponse<()>) -> AnswerHead {
    let headers = response.headers().iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    AnswerHead {
        status: response.status().as_u16(),
        headers: headers.collect(),
    }
}

fn replay(answer: KeptAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.head.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for header in answer.head.headers {
        response.append_header(header);
    }
    response.insert_header((REPLAYED_HEADER, HeaderValue::from_static("true")));
    response.body(Bytes::from(answer.body))
}
