//! The one middleware around all routes.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use chrono::{DateTime, Utc};
use futures_util::future::{Either, LocalBoxFuture};
use tracing::Instrument as _;

use super::access_log::{NO_ROUTE, Requests, method_label};
use super::authenticate::READS_HEADER;
use super::client_address::ClientAddress;
use super::request_id::{Ids, RequestId};
use super::security_headers::SecurityHeaders;
use super::{csrf, drain, errors, request_id};
use crate::kept::Kept;
use crate::openapi::Audience;
use crate::state::AppState;

/// Makes the middleware of a worker.
pub(crate) struct Front {
    state: Data<AppState>,
}

impl Front {
    /// Around the routes of this application.
    #[must_use]
    pub(crate) fn new(state: Data<AppState>) -> Self {
        Self { state }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Front
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = FrontService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, routes: S) -> Self::Future {
        ready(Ok(FrontService {
            routes: Rc::new(routes),
            worker: Rc::new(Worker {
                headers: SecurityHeaders::new(self.state.options()),
                requests: Requests::default(),
                ids: Ids::default(),
                state: self.state.clone(),
            }),
        }))
    }
}

/// The middleware of one worker.
pub(crate) struct FrontService<S> {
    routes: Rc<S>,
    worker: Rc<Worker>,
}

/// What the requests of a worker share.
struct Worker {
    state: Data<AppState>,
    headers: SecurityHeaders,
    requests: Requests,
    ids: Ids,
}

/// One request on its way.
struct Passing {
    id: RequestId,
    method: &'static str,
    began: Instant,
    /// The same instant, as clocks on walls have it.
    at: DateTime<Utc>,
}

type Answered = Result<ServiceResponse<BoxBody>, Error>;

impl<S, B> Service<ServiceRequest> for FrontService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<Ready<Answered>, LocalBoxFuture<'static, Answered>>;

    forward_ready!(routes);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let worker = &self.worker;
        let passing = Passing {
            id: worker.ids.next(),
            method: method_label(request.method()),
            began: Instant::now(),
            at: worker.state.app().now(),
        };
        let address = ClientAddress::find(&request, &worker.state.options().trusted_proxies);
        let wanted = worker.wants_kept(&request);
        if let Some(kept) = &wanted
            && let Some(answer) = kept.at_once(
                worker.state.app(),
                &request,
                address,
                passing.began,
                passing.at,
            )
        {
            return Either::Left(ready(Ok(worker.give(&passing, kept, request, answer))));
        }
        let (routes, worker) = (Rc::clone(&self.routes), Rc::clone(worker));
        Either::Right(Box::pin(async move {
            if let Some(kept) = &wanted
                && worker.state.app().keeps_answers_in_redis_only()
                && let Some(answer) = kept
                    .in_redis(worker.state.app(), &request, address, passing.at)
                    .await
            {
                return Ok(worker.give(&passing, kept, request, answer));
            }
            worker.pass(&*routes, passing, request, address).await
        }))
    }
}

impl Worker {
    /// The kept answer that the request may be given, if its operation has such.
    fn wants_kept(&self, request: &ServiceRequest) -> Option<Kept> {
        let may = request.method() == Method::GET && !self.state.drain().has_begun();
        may.then(|| Kept::wanted(request.path(), request.query_string()))?
    }

    fn give(
        &self,
        passing: &Passing,
        kept: &Kept,
        mut request: ServiceRequest,
        mut response: HttpResponse,
    ) -> ServiceResponse<BoxBody> {
        // They share the buffer that the request was read into, and the framework keeps hundreds of answered requests to use again.
        request.headers_mut().clear();
        let headers = response.headers_mut();
        self.headers.add_to_api(headers);
        if let Ok(id) = HeaderValue::from_str(passing.id.as_str()) {
            headers.insert(request_id::HEADER, id);
        }
        if self.state.app().options().debug {
            headers.insert(READS_HEADER, HeaderValue::from_static("cache=answer"));
        }
        let took = passing.began.elapsed();
        self.requests.count_kept(*kept, took);
        self.log(passing, kept.route(), 200, took);
        request.into_response(response)
    }

    /// Lets the request through to its route, and completes the answer.
    async fn pass<S, B>(
        &self,
        routes: &S,
        passing: Passing,
        request: ServiceRequest,
        address: ClientAddress,
    ) -> Answered
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
        B: MessageBody + 'static,
    {
        let audience = Audience::of(request.path());
        request.extensions_mut().insert(passing.id);
        request.extensions_mut().insert(address);
        let span = tracing::info_span!(
            "request",
            request_id = passing.id.as_str(),
            method = passing.method
        );
        let result = if let Some(refused) = csrf::refusal(&request, &self.state) {
            Ok(request.error_response(refused).map_into_boxed_body())
        } else {
            let in_flight = (self.requests.begin(), self.state.drain().request());
            let result = routes.call(request).instrument(span.clone()).await;
            drop(in_flight);
            result.map(ServiceResponse::map_into_boxed_body)
        };
        let result = result.map(|response| {
            let mut response = span.in_scope(|| errors::with_body(response, passing.id, audience));
            let is_api = response.request().path().starts_with("/api/");
            let headers = response.headers_mut();
            self.headers.complete(headers, is_api);
            if let Ok(id) = HeaderValue::from_str(passing.id.as_str()) {
                headers.insert(request_id::HEADER, id);
            }
            if self.state.drain().has_begun() {
                drain::close_connection(&mut response);
            }
            response
        });
        match &result {
            Ok(response) => {
                let route = response.request().match_pattern();
                let status = response.status().as_u16();
                self.note(&passing, route.as_deref().unwrap_or(NO_ROUTE), status);
            }
            Err(error) => {
                let status = error.as_response_error().status_code().as_u16();
                self.note(&passing, NO_ROUTE, status);
            }
        }
        result
    }

    fn note(&self, passing: &Passing, route: &str, status: u16) {
        let took = passing.began.elapsed();
        self.requests.count(passing.method, route, status, took);
        self.log(passing, route, status, took);
    }

    fn log(&self, passing: &Passing, route: &str, status: u16, took: Duration) {
        self.state.log_request(&super::access_log::Answered {
            id: passing.id.as_str(),
            method: passing.method,
            route,
            status,
            began: passing.at,
            took,
        });
    }
}
