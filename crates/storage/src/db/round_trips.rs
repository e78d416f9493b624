//! Counting how often the database was waited for: a region away from the primary each costs 160 ms.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// How often this process has waited for an answer of a database, since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoundTrips {
    /// Statements (or groups of them sent together) answered by the primary.
    pub primary: u64,
    /// The same, by replicas.
    pub replica: u64,
    /// Statements prepared, each one more round trip before its first run on a connection.
    pub prepared: u64,
    /// What no request waited for, on any database: see [`in_background`].
    pub background: u64,
}

tokio::task_local! {
    static IN_BACKGROUND: ();
}

/// Counts the round trips of `work` apart, since no request waits for them: what a process does to follow the others.
pub fn in_background<F: Future>(work: F) -> impl Future<Output = F::Output> {
    IN_BACKGROUND.scope((), work)
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    primary: AtomicU64,
    replica: AtomicU64,
    prepared: AtomicU64,
    background: AtomicU64,
}

impl Counters {
    pub(super) fn waited(&self, source: super::Source) {
        let counter = match source {
            _ if IN_BACKGROUND.try_with(|()| ()).is_ok() => &self.background,
            super::Source::Primary => &self.primary,
            super::Source::Replica => &self.replica,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("db_round_trips_total", "source" => source.as_str()).increment(1);
    }

    pub(super) fn prepared(&self) {
        self.prepared.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> RoundTrips {
        RoundTrips {
            primary: self.primary.load(Ordering::Relaxed),
            replica: self.replica.load(Ordering::Relaxed),
            prepared: self.prepared.load(Ordering::Relaxed),
            background: self.background.load(Ordering::Relaxed),
        }
    }
}

/// Sees the statements that a connection prepares for keeping.
pub(super) struct CountPrepares(pub(super) Arc<Counters>);

impl Instrumentation for CountPrepares {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
            self.0.prepared();
        }
    }
}
