//! A log line and the metrics of each request.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use chrono::{DateTime, Utc};
use foldhash::HashMap;
use metrics::{Counter, Gauge, Histogram};

use crate::kept::Kept;

/// What stands for the path of requests that no route takes, which clients could otherwise fill the metrics with.
pub(crate) const NO_ROUTE: &str = "none";

/// A request that was answered, as the log tells it. The path appears as the route has it, so that no identifier, token or
/// query does.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The request's id.
    pub id: &'a str,
    /// `GET`, `POST`, ...; `other` for what no route knows.
    pub method: &'static str,
    /// The pattern of the route, such as `/api/client/servers/{server}`; `none` where there is none.
    pub route: &'a str,
    /// The answer's status.
    pub status: u16,
    /// When the request's head had come.
    pub began: DateTime<Utc>,
    /// From the request's head until the answer's.
    pub took: Duration,
}

/// Gets every request that was answered. It is called where requests are answered and so must not wait for anything.
pub type AccessLog = Arc<dyn Fn(&Answered<'_>) + Send + Sync>;

/// The log of a process that has no other way for it: an event of `tracing` for each request.
#[must_use]
pub(crate) fn as_events() -> AccessLog {
    Arc::new(|request| {
        tracing::info!(
            request_id = request.id,
            route = request.route,
            status = request.status,
            seconds = request.took.as_secs_f64(),
            "Answered {} {}",
            request.method,
            request.route
        );
    })
}

/// The metrics of a worker's requests. To find a metric by its labels costs more than to count with it, so each is found
/// once per worker.
#[derive(Default)]
pub(crate) struct Requests {
    /// Of answers that are kept, in the order of [`Kept::index`].
    kept: [OnceCell<Metrics>; Kept::COUNT],
    by_route: RefCell<HashMap<String, Vec<Metrics>>>,
}

struct Metrics {
    method: &'static str,
    status: u16,
    answered: Counter,
    seconds: Histogram,
}

impl Metrics {
    fn new(method: &'static str, route: &str, status: u16) -> Self {
        let owned = || route.to_owned();
        Self {
            method,
            status,
            answered: metrics::counter!(
                "http_requests_total",
                "method" => method, "route" => owned(), "status" => status.to_string()
            ),
            seconds: metrics::histogram!(
                "http_request_seconds", "method" => method, "route" => owned()
            ),
        }
    }

    fn count(&self, took: Duration) {
        self.answered.increment(1);
        self.seconds.record(took.as_secs_f64());
    }
}

impl Requests {
    /// Counts a request that was answered.
    pub(crate) fn count(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut by_route = self.by_route.borrow_mut();
        let is_it = |known: &&Metrics| known.status == status && known.method == method;
        if let Some(known) = by_route.get(route).and_then(|all| all.iter().find(is_it)) {
            known.count(took);
            return;
        }
        let metrics = Metrics::new(method, route, status);
        metrics.count(took);
        by_route.entry(route.to_owned()).or_default().push(metrics);
    }

    /// Counts a request that was given an answer that is kept.
    pub(crate) fn count_kept(&self, kept: Kept, took: Duration) {
        if let Some(metrics) = self.kept.get(kept.index()) {
            metrics
                .get_or_init(|| Metrics::new("GET", kept.route(), 200))
                .count(took);
        }
    }

    /// Counts a request as being answered until the guard is dropped, which happens also when the client goes away.
    #[must_use]
    pub(crate) fn begin(&self) -> InFlight {
        let gauge = metrics::gauge!("http_requests_in_flight");
        gauge.increment(1.0);
        InFlight(gauge)
    }
}

/// A request that is being answered.
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// The method as logs and metrics have it.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
