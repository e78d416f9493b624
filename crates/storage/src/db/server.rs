//! One database: its pools, and what is known of its health.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use futures_util::future::BoxFuture;
use tokio::sync::Notify;

use super::connect::{InvalidUrl, Target};
use super::history::History;
use super::round_trips::Counters;
use super::session::Session;
use super::{Source, StorageOptions};
use crate::consistency::Position;
use crate::error::Error;

/// How long nobody tries a server again that refused; the probe goes on trying.
const REST: Duration = Duration::from_secs(1);

/// How long nobody tries a server again that did not answer, which costs whoever tries its whole patience. Longer than a probe
/// takes, which ends it earlier when the server answers.
const LONG_REST: Duration = Duration::from_secs(8);

/// A replica is left after this many bad probes in a row,
const BAD_PROBES: u32 = 2;
/// and asked again after this many good ones.
const GOOD_PROBES: u32 = 3;

/// For whom a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Requests.
    Common,
    /// What has to go on while requests hold all connections: sign-ins, revocations, the log, the lease.
    Reserved,
}

pub(super) struct Server {
    pub(super) source: Source,
    /// Host and port, for people.
    pub(super) name: String,
    pub(super) target: Arc<Target>,
    pool: Pool<AsyncPgConnection>,
    reserve: Pool<AsyncPgConnection>,
    counters: Arc<Counters>,
    checkout_timeout: Duration,
    connect_timeout: Duration,
    pub(super) statement_timeout: Duration,
    /// How long a statement may be silent before the server is asked whether it lives, and how long that may take.
    pub(super) patience: Duration,
    /// Asks how the server is, on no pool's account.
    monitor: tokio::sync::Mutex<Option<AsyncPgConnection>>,
    gone: Notify,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Could not be reached: not tried before then.
    rest_until: Option<Instant>,
    /// Connections from before then are to a server that may be another one by now.
    trusted_after: Option<Instant>,
    /// When it last answered the monitor.
    answered_at: Option<Instant>,
    /// How long it usually takes to answer.
    distance: Option<Duration>,
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
        history: &Arc<History>,
    ) -> Result<Self, InvalidUrl> {
        let target = Arc::new(Target::parse(url, source, options, history)?);
        let reserved = reserved_of(options.max_connections);
        let (checkout_timeout, connect_timeout, patience) = match source {
            Source::Primary => (
                options.checkout_timeout,
                options.connect_timeout,
                options.primary_patience,
            ),
            // Somebody else can answer instead, so nobody waits for long.
            Source::Replica => (
                options.replica_patience,
                options.replica_patience,
                options.replica_patience / 2,
            ),
        };
        Ok(Self {
            source,
            name: target.name(),
            pool: target.pool(options.max_connections - reserved, counters)?,
            reserve: target.pool(reserved, counters)?,
            target,
            counters: Arc::clone(counters),
            checkout_timeout,
            connect_timeout,
            statement_timeout: options.statement_timeout,
            patience,
            monitor: tokio::sync::Mutex::new(None),
            gone: Notify::new(),
            state: Mutex::default(),
        })
    }

    /// A connection, unless the server could not be reached a moment ago: then an error at once.
    pub(super) async fn session(self: &Arc<Self>, share: Share) -> Result<Session, Error> {
        if self.resting() {
            return Err(self.unavailable("cannot be reached"));
        }
        loop {
            let connection = self.checkout(share).await?;
            let made = Object::metrics(&connection).created;
            if self.state().trusted_after.is_some_and(|at| made < at) {
                drop(Object::take(connection));
                continue;
            }
            return Ok(Session::new(
                connection,
                Arc::clone(self),
                Arc::clone(&self.counters),
            ));
        }
    }

    async fn checkout(&self, share: Share) -> Result<Object<AsyncPgConnection>, Error> {
        let gone = self.gone.notified();
        let taken = async {
            match share {
                Share::Common => self.take_from(&self.pool).await,
                Share::Reserved => {
                    let mut at_once = self.pool.timeouts();
                    at_once.wait = Some(Duration::ZERO);
                    if self.pool.status().available > 0
                        && let Ok(connection) = self.pool.timeout_get(&at_once).await
                    {
                        return Ok(connection);
                    }
                    self.take_from(&self.reserve).await
                }
            }
        };
        tokio::select! {
            taken = taken => taken,
            () = gone => Err(self.unavailable("does not answer")),
        }
    }

    async fn take_from(
        &self,
        pool: &Pool<AsyncPgConnection>,
    ) -> Result<Object<AsyncPgConnection>, Error> {
        let status = pool.status();
        let must_connect = status.available == 0 && status.size < status.max_size;
        let taken = if must_connect {
            // Goes on when nobody waits for it any more: far away, connecting takes longer than a request may wait, and the
            // next one finds the connection.
            let pool = pool.clone();
            let connecting = tokio::spawn(async move { pool.get().await });
            match tokio::time::timeout(self.connect_timeout, connecting).await {
                Ok(Ok(taken)) => Ok(taken),
                Ok(Err(ended)) => return Err(Error::unavailable(ended.to_string())),
                Err(late) => Err(late),
            }
        } else {
            tokio::time::timeout(self.checkout_timeout, pool.get()).await
        };
        match taken {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => {
                if matches!(error, PoolError::Backend(_)) {
                    self.unreachable(REST);
                }
                Err(Error::unavailable(format!("{}: {error}", self.name)))
            }
            Err(_) if must_connect => {
                // It is a long way, or nobody is there. The probe tells which; until then others go elsewhere.
                self.unreachable(REST);
                Err(self.unavailable("takes too long to connect"))
            }
            Err(_) => {
                metrics::counter!("db_pool_exhausted_total", "server" => self.name.clone())
                    .increment(1);
                Err(Error::unavailable(format!(
                    "no connection to {} became free",
                    self.name
                )))
            }
        }
    }

    fn unavailable(&self, what: &str) -> Error {
        Error::unavailable(format!("{} {what}", self.name))
    }

    /// Whether the server answers at all, asked by the way that is kept for this. Where there is none yet, nothing is known and it is
    /// not blamed.
    pub(super) async fn answers(&self) -> bool {
        let asked_at = Instant::now();
        if self.resting() {
            return false;
        }
        let answered = tokio::time::timeout(self.patience, async {
            let mut monitor = self.monitor.lock().await;
            if self.state().answered_at.is_some_and(|at| at > asked_at) {
                return true;
            }
            // Taken out: an answer that nobody waited for must not be read by the next question.
            let Some(mut connection) = monitor.take() else {
                return true;
            };
            let answered = connection.batch_execute("").await.is_ok();
            if answered {
                self.state().answered_at = Some(Instant::now());
                *monitor = Some(connection);
            }
            answered
        });
        let answered = answered.await.unwrap_or(false);
        if !answered {
            self.unreachable(LONG_REST);
        }
        answered
    }

    /// What `look` finds on the connection that is kept for looking after this server, made when there is none; waits no longer than
    /// `patience` for each. A failure means that the server cannot be reached.
    pub(super) async fn monitored<T: Send>(
        &self,
        patience: Duration,
        look: impl for<'c> FnOnce(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send,
    ) -> Result<T, Error> {
        let looked = async {
            let mut monitor = self.monitor.lock().await;
            let connection = match monitor.take() {
                Some(connection) => connection,
                None => tokio::time::timeout(patience, self.target.connect())
                    .await
                    .map_err(|_| self.unavailable("takes too long to connect"))?
                    .map_err(|error| Error::unavailable(format!("{}: {error}", self.name)))?,
            };
            let begun = Instant::now();
            let found = tokio::time::timeout(patience, look(&connection))
                .await
                .map_err(|_| self.unavailable("does not answer"))??;
            let took = begun.elapsed();
            let mut state = self.state();
            state.answered_at = Some(Instant::now());
            state.distance = Some(state.distance.map_or(took, |known| (known * 7 + took) / 8));
            drop(state);
            *monitor = Some(connection);
            Ok(found)
        };
        let looked = looked.await;
        if looked.is_err() {
            self.unreachable(LONG_REST);
        }
        looked
    }

    pub(super) fn unreachable(&self, rest: Duration) {
        let until = Instant::now() + rest;
        let mut state = self.state();
        state.rest_until = Some(state.rest_until.map_or(until, |known| known.max(until)));
        drop(state);
        // Whoever waits for a connection need not wait any longer.
        self.gone.notify_waiters();
    }

    /// Connections made so far are not used any more.
    pub(super) fn distrust_connections(&self) {
        self.state().trusted_after = Some(Instant::now());
        for pool in [&self.pool, &self.reserve] {
            drop(pool.retain(|_, _| false));
        }
        // Whoever has it at the moment finds out by itself where it leads.
        if let Ok(mut monitor) = self.monitor.try_lock() {
            drop(monitor.take());
        }
    }

    pub(super) fn resting(&self) -> bool {
        self.state()
            .rest_until
            .is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn in_use(&self) -> bool {
        let state = self.state();
        !state.left && state.rest_until.is_none_or(|until| Instant::now() >= until)
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.state().position
    }

    /// How long it usually takes to answer; nothing before it was first looked at.
    pub(super) fn distance(&self) -> Option<Duration> {
        self.state().distance
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
        self.measure(&state);
    }

    fn measure(&self, state: &State) {
        let labels = [
            ("server", self.name.clone()),
            ("source", self.source.as_str().to_owned()),
        ];
        let in_use = !state.left && state.rest_until.is_none();
        metrics::gauge!("db_server_in_use", &labels).set(f64::from(u8::from(in_use)));
        if let Some(lag) = state.lag {
            metrics::gauge!("db_replica_lag_seconds", &labels).set(lag.as_secs_f64());
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

/// How many of a process's connections to a database are kept for [`Share::Reserved`]: an eighth, at least two where there are
/// enough.
const fn reserved_of(connections: usize) -> usize {
    match connections {
        0..=1 => 0,
        2..=3 => 1,
        4..=23 => 2,
        _ => connections / 8,
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

    #[test]
    fn some_connections_are_kept_for_what_must_go_on() {
        for (connections, reserved) in [(1, 0), (2, 1), (8, 2), (16, 2), (32, 4), (500, 62)] {
            assert_eq!(reserved_of(connections), reserved);
        }
    }
}
