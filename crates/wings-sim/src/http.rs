//! The daemon's HTTP side: who gets in, headers on every answer, faults, and the routes.

mod answers;
mod archives;
mod backups;
mod control;
mod files;
mod links;
mod machine;
mod newest;
mod search;
mod servers;
mod sessions;
mod socket;
mod system;
mod transfers;
mod vast;

use std::future::{Ready, ready};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::Deref;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::KeepAlive;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, AUTHORIZATION, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, USER_AGENT, WWW_AUTHENTICATE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::{
    App, Error, FromRequest, HttpRequest, HttpResponse, HttpServer, ResponseError, web,
};

use crate::SIMULATOR_HEADER;
use crate::core::Core;
use crate::dialect::Dialect;
use crate::faults::{Course, End};
use crate::fleet::Stations;
use crate::options::SimError;
use answers::{REQUEST_ID, Refusal, by_family, no_route, refuse};

/// The connection a request came by: who is asked, and a second handle to close it under the request.
struct Connection {
    core: Arc<Core>,
    stream: Arc<TcpStream>,
}

/// The simulator that is asked.
struct Shared(Arc<Core>);

impl Deref for Shared {
    type Target = Arc<Core>;

    fn deref(&self) -> &Arc<Core> {
        &self.0
    }
}

impl FromRequest for Shared {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.conn_data::<Connection>();
        ready(
            found
                .map(|connection| Self(Arc::clone(&connection.core)))
                .ok_or_else(|| ErrorInternalServerError("nobody is here")),
        )
    }
}

/// Answers on `listener` from now on, for whoever is under the address that was asked.
pub(crate) fn serve(
    stations: Stations,
    listener: TcpListener,
    workers: usize,
) -> Result<ServerHandle, SimError> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::PayloadConfig::new(64 * 1024 * 1024))
            .wrap(from_fn(guard))
            .configure(control::routes)
            .configure(system::routes)
            .configure(machine::routes)
            .configure(servers::routes)
            .configure(sessions::routes)
            .configure(backups::routes)
            .configure(transfers::routes)
            .configure(archives::routes)
            .configure(newest::routes)
            .configure(search::routes)
            .configure(files::routes)
            .configure(links::routes)
            .route("/api/servers/{server}/ws", web::get().to(socket::open))
            .default_service(web::to(unknown))
    })
    .on_connect(move |io, extensions| {
        if let Some(stream) = io.downcast_ref::<actix_web::rt::net::TcpStream>()
            && let Ok(handle) = stream.as_fd().try_clone_to_owned()
        {
            let stream = Arc::new(TcpStream::from(handle));
            let asked = stream.local_addr().ok();
            match asked.and_then(|address| stations.at(address.ip())) {
                Some(core) => {
                    core.connected(&stream);
                    extensions.insert(Connection { core, stream });
                }
                None => hang_up(&stream),
            }
        }
    })
    // As the real ones, which end no connection because nobody uses it, or not yet.
    .keep_alive(KeepAlive::Os)
    .client_request_timeout(Duration::ZERO)
    .workers(workers)
    .shutdown_timeout(0)
    .disable_signals()
    .listen(listener)
    .map_err(|source| SimError::Listen {
        address: "the listener".into(),
        source,
    })?
    .run();
    let handle = server.handle();
    // Not one of the tasks that a kill aborts: it ends by its handle, in order.
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the simulator's server ended");
        }
    });
    Ok(handle)
}

fn hang_up(stream: &TcpStream) {
    if let Err(error) = stream.shutdown(Shutdown::Both) {
        tracing::debug!(%error, "the connection was gone already");
    }
}

async fn unknown(core: Shared) -> Result<HttpResponse, Refusal> {
    Err(no_route(&core))
}

/// Everything that happens to a request before and after its route.
async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let connection = request.request().conn_data::<Connection>();
    let Some(core) = connection.map(|connection| Arc::clone(&connection.core)) else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let path = request.path().to_owned();
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = if path.starts_with("/sim/") {
        next.call(request).await?.map_into_boxed_body()
    } else if request.method() == Method::OPTIONS {
        request.into_response(HttpResponse::NoContent().finish())
    } else {
        let mut paused = core.paused.subscribe();
        if paused.wait_for(|paused| !paused).await.is_err() {
            tracing::debug!("resumed by the simulator's end");
        }
        faulty(&core, request, next).await?
    };
    decorate(&core, origin.as_ref(), response.headers_mut());
    Ok(response)
}

/// The route, or the fault that is planned for it.
async fn faulty(
    core: &Core,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let fault = core.faults.take(request.method().as_str(), request.path());
    let course = fault.map(Course::from).unwrap_or_default();
    if let Some(delay) = course.delay {
        tokio::time::sleep(delay).await;
    }
    if let Some(end) = course.before {
        let answer = suffer(end, request.request()).await;
        return Ok(request.into_response(answer));
    }
    if wants_credential(request.method(), request.path())
        && let Err(refusal) = authorize(core, request.request())
    {
        let mut answer = refusal.error_response();
        if answer.status() == StatusCode::UNAUTHORIZED {
            answer
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        return Ok(request.into_response(answer));
    }
    if !core
        .dialect()
        .has_route(request.method().as_str(), request.path())
    {
        let answer = no_route(core).error_response();
        return Ok(request.into_response(answer));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    match course.after {
        None => Ok(response),
        Some(end) => {
            let answer = suffer(end, response.request()).await;
            Ok(response.into_response(answer))
        }
    }
}

async fn suffer(end: End, request: &HttpRequest) -> HttpResponse {
    match end {
        End::Status(status) => refuse(
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "simulated fault",
        )
        .error_response(),
        End::Silence => std::future::pending().await,
        End::Drop => {
            if let Some(connection) = request.conn_data::<Connection>() {
                hang_up(&connection.stream);
            }
            HttpResponse::NoContent().finish()
        }
    }
}

/// Whether a route wants the node's token: all of the API but a server's socket and what another daemon sends.
fn wants_credential(method: &Method, path: &str) -> bool {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["api", "servers", _, "ws"] => method != Method::GET,
        ["api", "transfers"] => method != Method::POST,
        ["api", ..] => true,
        _ => false,
    }
}

fn authorize(core: &Core, request: &HttpRequest) -> Result<(), Refusal> {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(|| {
            let text = by_family(
                core,
                "The required authorization heads were not present in the request.",
                "invalid authorization header",
            );
            refuse(StatusCode::UNAUTHORIZED, text)
        })?;
    if token == core.token() {
        Ok(())
    } else {
        Err(by_family(
            core,
            refuse(
                StatusCode::FORBIDDEN,
                "You are not authorized to access this endpoint.",
            ),
            refuse(StatusCode::UNAUTHORIZED, "invalid authorization token"),
        ))
    }
}

/// The origin to allow: the panel's, or the asking one where it is listed.
fn allowed_origin(core: &Core, origin: Option<&str>) -> String {
    let config = &core.options.config;
    for allowed in &config.allowed_origins {
        if allowed == "*" {
            return "*".into();
        }
        if Some(allowed.as_str()) == origin {
            return allowed.clone();
        }
    }
    config.remote.clone()
}

/// Whether a socket may be opened from a page of this origin.
pub(crate) fn is_allowed_origin(core: &Core, origin: &str) -> bool {
    let allowed = allowed_origin(core, Some(origin));
    allowed == "*" || allowed == origin
}

fn decorate(core: &Core, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let origin = origin.and_then(|origin| origin.to_str().ok());
    let allowed = HeaderValue::try_from(allowed_origin(core, origin))
        .unwrap_or_else(|_| HeaderValue::from_static("null"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PATCH, PUT, DELETE, OPTIONS",
        ),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "Accept, Accept-Encoding, Authorization, Cache-Control, Content-Type, Content-Length, Origin, X-Real-IP, X-CSRF-Token",
        ),
        (ACCESS_CONTROL_MAX_AGE, "7200"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(name) = HeaderName::try_from(SIMULATOR_HEADER) {
        headers.insert(name, HeaderValue::from_static("wings-sim"));
    }
    if !core.dialect().is_go() {
        return;
    }
    if let (Ok(name), Ok(id)) = (
        HeaderName::try_from(REQUEST_ID),
        HeaderValue::try_from(uuid::Uuid::new_v4().to_string()),
    ) && !headers.contains_key(&name)
    {
        headers.insert(name, id);
    }
    let signature = core.dialect().user_agent(&core.options.config.token_id);
    if core.dialect() == Dialect::Pelican
        && let Ok(signature) = HeaderValue::try_from(signature)
    {
        headers.insert(USER_AGENT, signature);
    }
}
