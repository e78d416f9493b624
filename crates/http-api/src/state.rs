//! What every handler can reach.

use actix_web::http::header::HeaderValue;
use ipnet::IpNet;
use panel_service::App;
use url::Url;

use crate::drain::Drain;
use crate::middleware::access_log;
pub use crate::middleware::access_log::{AccessLog, Answered};
use crate::relay::OpenSockets;

/// Name of the cookie that carries a session.
pub const SESSION_COOKIE: &str = "roost_session";

/// How requests are answered, besides what the use cases decide.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The address under which browsers and nodes reach the panel.
    pub url: Url,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What is answered as `X-Server-Name`.
    pub server_name: Option<HeaderValue>,
}

impl HttpOptions {
    /// Whether browsers reach the panel over TLS, so that cookies must not travel without it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Name of the cookie that carries a session.
    #[must_use]
    pub const fn session_cookie(&self) -> &'static str {
        SESSION_COOKIE
    }
}

/// Shared by all requests of a process.
#[derive(Clone)]
pub struct AppState {
    app: App,
    options: HttpOptions,
    drain: Drain,
    access_log: AccessLog,
    sockets: OpenSockets,
    streams: OpenSockets,
}

impl AppState {
    /// State around the application.
    #[must_use]
    pub fn new(app: App, options: HttpOptions) -> Self {
        Self {
            app,
            options,
            drain: Drain::default(),
            access_log: access_log::as_events(),
            sockets: OpenSockets::default(),
            streams: OpenSockets::default(),
        }
    }

    /// The same, with another log of requests.
    #[must_use]
    pub fn with_access_log(self, access_log: AccessLog) -> Self {
        Self { access_log, ..self }
    }

    pub(crate) fn log_request(&self, request: &Answered<'_>) {
        (self.access_log)(request);
    }

    /// The application.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// How requests are answered.
    #[must_use]
    pub const fn options(&self) -> &HttpOptions {
        &self.options
    }

    /// The consoles that are relayed by this process.
    pub(crate) const fn sockets(&self) -> &OpenSockets {
        &self.sockets
    }

    /// The downloads and uploads that are relayed by this process.
    pub(crate) const fn streams(&self) -> &OpenSockets {
        &self.streams
    }

    /// Whether the server is about to stop, and what it still has to finish.
    #[must_use]
    pub const fn drain(&self) -> &Drain {
        &self.drain
    }
}
