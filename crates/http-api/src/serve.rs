//! The server: all routes behind all middleware, and its orderly end.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::Compress;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};

use crate::health::{self, Vitals};
use crate::middleware::front::Front;
use crate::state::AppState;
use crate::{no_route, openapi, reference_page, relay, routes};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// How long requests and changes that have begun may still take once the server stops.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a server listens.
#[derive(Debug, Clone)]
pub enum Listen {
    /// An address and port.
    Tcp(SocketAddr),
    /// A Unix socket at this path; an old socket there is replaced.
    Unix(PathBuf),
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// How a server listens and ends.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Where it listens.
    pub listen: Listen,
    /// How long it keeps answering after it was told to stop, so that load balancers notice.
    pub drain: Duration,
}

/// Adds all routes and middleware to an application, with `pages` answering what is not the API.
pub fn configure<P>(
    state: Data<AppState>,
    vitals: Vitals,
    pages: P,
) -> App<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
>
where
    P: FnOnce(&mut web::ServiceConfig),
{
    let front = Front::new(state.clone());
    let relays = state.app().options().wings_proxy;
    App::new()
        .app_data(state)
        .configure(routes::configure)
        .service(openapi::embedded::json)
        .service(reference_page::page)
        .service(reference_page::style)
        .service(reference_page::script)
        .configure(health::pages(vitals))
        .configure(relay::configure(relays))
        .configure(pages)
        .default_service(web::to(no_route::answer))
        // The last one is the outermost.
        .wrap(Compress::default())
        .wrap(front)
}

/// Answers requests until `stop` resolves, then drains: readiness fails and connections close for a while, then
/// what has begun is finished. A second stop ends it at once, whatever has begun.
///
/// # Errors
///
/// The address is taken or not this machine's, or the sockets fail.
pub async fn serve<P, S, F>(
    state: AppState,
    vitals: Vitals,
    options: ServeOptions,
    pages: P,
    mut stop: S,
) -> io::Result<()>
where
    P: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    S: FnMut() -> F,
    F: Future<Output = ()>,
{
    let drain = state.drain().clone();
    let state = Data::new(state);
    let server = HttpServer::new(move || configure(state.clone(), vitals.clone(), pages.clone()))
        .disable_signals()
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(PATIENCE.as_secs());
    let server = match &options.listen {
        Listen::Tcp(address) => server.bind(address)?,
        Listen::Unix(path) => server.bind_uds(path)?,
    }
    .run();
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    drain.open();
    tracing::info!(listen = %options.listen, "Answering requests");
    stop().await;
    drain.begin();
    tracing::info!(
        seconds = options.drain.as_secs(),
        "Draining: new requests should go elsewhere"
    );
    let end_in_order = async {
        tokio::time::sleep(options.drain).await;
        finish(&handle, &drain).await;
        running.await.map_err(io::Error::other)?
    };
    tokio::select! {
        ended = end_in_order => ended,
        () = stop() => {
            tracing::warn!(unfinished = drain.unfinished(), "Told to stop again: ending at once");
            // The order to stop is given; nobody waits for its end.
            drop(handle.stop(false));
            Ok(())
        }
    }
}

async fn finish(handle: &ServerHandle, drain: &crate::drain::Drain) {
    // A worker with nothing to answer stops at once, and takes along the connections to daemons and databases that it has opened:
    // requests of other workers may be using them.
    let in_time = drain.finish(PATIENCE).await == 0;
    handle.stop(in_time).await;
    let unfinished = if in_time {
        drain.finish(PATIENCE).await
    } else {
        drain.unfinished()
    };
    if unfinished > 0 {
        tracing::error!(unfinished, "Stopped although requests had not ended");
    }
}
