//! One database: its pool, and what is known of its health.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Pool, PoolError};

use super::connect::{InvalidUrl, Target};
use super::round_trips::Counters;
use super::session::Session;
use super::{Source, StorageOptions};
use crate::consistency::Position;
use crate::error::Error;

/// How long nobody tries a server again after it could not be reached; the probe goes on trying.
const REST: Duration = Duration::from_secs(1);

/// A replica is left after this many bad probes in a row,
const BAD_PROBES: u32 = 2;
/// and asked again after this many good ones.
const GOOD_PROBES: u32 = 3;

pub(super) struct Server {
    pub(super) source: Source,
    /// Host and port, for people.
    pub(super) name: String,
    pub(super) target: Arc<Target>,
    pool: Pool<AsyncPgConnection>,
    counters: Arc<Counters>,
    checkout_timeout: Duration,
    statement_timeout: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Could not be reached: not tried before then.
    rest_until: Option<Instant>,
    /// Left because of its probes.
    left: bool,
    bad_probes: u32,
    good_probes: u32,
    /// The furthest it is known to have come.
    position: Option<Position>,
    lag: Option<Duration>,
}

/// What is known of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHealth {
    /// Host and port.
    pub name: String,
    /// What it is.
    pub source: Source,
    /// Whether it is asked at present.
    pub in_use: bool,
    /// How far it had come at the latest look.
    pub position: Option<Position>,
    /// How far a replica was behind the primary at the latest look.
    pub lag: Option<Duration>,
}

impl Server {
    pub(super) fn new(
        url: &str,
        source: Source,
        options: &StorageOptions,
        counters: &Arc<Counters>,
    ) -> Result<Self, InvalidUrl> {
        let target = Arc::new(Target::parse(url, source, options)?);
        Ok(Self {
            source,
            name: target.name(),
            pool: target.pool(options.max_connections, counters)?,
            target,
            counters: Arc::clone(counters),
            checkout_timeout: options.checkout_timeout,
            statement_timeout: options.statement_timeout,
            state: Mutex::default(),
        })
    }

    /// A connection, unless the server could not be reached a moment ago: then an error at once.
    pub(super) async fn session(&self) -> Result<Session, Error> {
        if self.resting() {
            return Err(Error::unavailable(format!(
                "{} cannot be reached",
                self.name
            )));
        }
        self.connect(self.checkout_timeout, self.statement_timeout)
            .await
    }

    /// A connection whatever is known, for a probe that waits no longer than `patience` for each thing.
    pub(super) async fn probing_session(&self, patience: Duration) -> Result<Session, Error> {
        self.connect(patience, patience).await
    }

    async fn connect(&self, checkout: Duration, statement: Duration) -> Result<Session, Error> {
        match tokio::time::timeout(checkout, self.pool.get()).await {
            Ok(Ok(connection)) => {
                let counters = Arc::clone(&self.counters);
                Ok(Session::new(connection, self.source, counters, statement))
            }
            Ok(Err(error)) => {
                if matches!(error, PoolError::Backend(_)) {
                    self.unreachable(REST);
                }
                Err(Error::unavailable(format!("{}: {error}", self.name)))
            }
            Err(_) => Err(Error::unavailable(format!(
                "no connection to {} became free",
                self.name
            ))),
        }
    }

    pub(super) fn unreachable(&self, rest: Duration) {
        self.state().rest_until = Some(Instant::now() + rest);
    }

    fn resting(&self) -> bool {
        self.state()
            .rest_until
            .is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn in_use(&self) -> bool {
        !self.resting() && !self.state().left
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.state().position
    }

    /// It was seen at `position`.
    pub(super) fn has_come_to(&self, position: Position) {
        let mut state = self.state();
        state.position = Some(
            state
                .position
                .map_or(position, |known| known.later(position)),
        );
    }

    /// Takes a probe into account. `lag` is nothing where it cannot be told.
    pub(super) fn probed(
        &self,
        outcome: Result<(Position, Option<Duration>), &Error>,
        max_lag: Duration,
    ) {
        let mut state = self.state();
        let good = match outcome {
            Ok((position, lag)) => {
                state.rest_until = None;
                // Not the latest known: a server that was rebuilt from a backup has gone back.
                state.position = Some(position);
                state.lag = lag;
                // One that was left has to come well below what it was left for.
                let allowed = if state.left { max_lag / 2 } else { max_lag };
                lag.is_none_or(|lag| lag <= allowed)
            }
            Err(_) => false,
        };
        if good {
            state.good_probes += 1;
            state.bad_probes = 0;
        } else {
            state.bad_probes += 1;
            state.good_probes = 0;
        }
        if !state.left && state.bad_probes >= BAD_PROBES {
            state.left = true;
            let reason = outcome.err().map(ToString::to_string);
            tracing::warn!(server = %self.name, lag = ?state.lag, reason, "a database is left alone");
        } else if state.left && state.good_probes >= GOOD_PROBES {
            state.left = false;
            tracing::info!(server = %self.name, lag = ?state.lag, "a database is asked again");
        }
    }

    pub(super) fn health(&self) -> ServerHealth {
        let in_use = self.in_use();
        let state = self.state();
        ServerHealth {
            name: self.name.clone(),
            source: self.source,
            in_use,
            position: state.position,
            lag: state.lag,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica() -> Server {
        let options = StorageOptions::new("postgres://u@127.0.0.1:1/x", "", b"");
        Server::new(
            &options.primary_url,
            Source::Replica,
            &options,
            &Arc::default(),
        )
        .unwrap()
    }

    #[test]
    fn a_replica_is_left_and_taken_back_with_some_patience() {
        let (replica, max) = (replica(), Duration::from_secs(30));
        let at = Position { epoch: 1, lsn: 5 };
        let lag = |seconds| replica.probed(Ok((at, Some(Duration::from_secs(seconds)))), max);
        lag(31);
        assert!(replica.in_use());
        lag(31);
        assert!(!replica.in_use());
        for seconds in [20, 14, 14] {
            lag(seconds);
            assert!(!replica.in_use());
        }
        lag(14);
        assert!(replica.in_use());
        let refused = Error::unavailable("refused");
        replica.probed(Err(&refused), max);
        replica.probed(Err(&refused), max);
        assert!(!replica.in_use());
    }
}
