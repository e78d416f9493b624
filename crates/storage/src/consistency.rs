//! What many processes, two cache tiers and lagging replicas agree by. `docs/ARCHITECTURE.md` has the protocol; each
//! module here is one of its parts.

pub mod epoch;
pub mod position;
pub mod recent_writes;
pub mod revocations;
pub mod token;
pub mod watermark;

pub use position::{Position, PositionSource};
pub use recent_writes::RecentWrites;
pub use revocations::{Mark, Revocation, RevocationKind, Revocations};
pub use token::Tokens;
pub use watermark::{ChangedKey, Invalidation, InvalidationSink, SinkError, Watermark};

use std::future::Future;
use std::time::Duration;

use crate::error::Error;

/// What is done again and again until it is told to stop.
pub(crate) struct Rounds<S> {
    what: &'static str,
    ticks: tokio::time::Interval,
    shutdown: std::pin::Pin<Box<S>>,
    failing: bool,
}

impl<S: Future<Output = ()> + Send> Rounds<S> {
    pub(crate) fn new(interval: Duration, what: &'static str, shutdown: S) -> Self {
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self {
            what,
            ticks,
            shutdown: Box::pin(shutdown),
            failing: false,
        }
    }

    /// Waits for the next round; `false` when it is time to stop.
    pub(crate) async fn next(&mut self) -> bool {
        tokio::select! {
            () = &mut self.shutdown => false,
            _ = self.ticks.tick() => true,
        }
    }

    /// As [`next`](Self::next), or not that long when `sooner` is ready before.
    pub(crate) async fn next_or_sooner(&mut self, sooner: impl Future<Output = ()> + Send) -> bool {
        tokio::select! {
            () = &mut self.shutdown => false,
            _ = self.ticks.tick() => true,
            () = sooner => {
                self.ticks.reset();
                true
            }
        }
    }

    /// Says once when rounds begin to fail, and once when they work again.
    pub(crate) fn report(&mut self, outcome: &Result<(), Error>) {
        match outcome {
            Ok(()) if self.failing => tracing::info!("{} can be read again", self.what),
            Err(error) if !self.failing => tracing::warn!(%error, "{} cannot be read", self.what),
            Ok(()) | Err(_) => {}
        }
        self.failing = outcome.is_err();
    }
}
