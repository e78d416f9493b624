//! The way to the databases: pools, who is asked, and transactions that are run again when others were in the way.

mod commit;
mod connect;
mod round_trips;
mod select;
mod session;
mod sql;
mod tls;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use scoped_futures::ScopedBoxFuture;

pub use commit::{Commit, CommitObserver, Committed};
pub use connect::InvalidUrl;
pub use round_trips::RoundTrips;
pub use select::{ReadStatement, RowsOf, Select};
pub use session::{ReadConn, Readable, Tx};
pub use sql::{ReadSql, Sql};

use crate::consistency::Position;
use crate::error::Error;
use connect::Target;
use round_trips::Counters;
use session::{Failure, Session};

/// How fresh an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// From any healthy database that is not behind what this process has already seen.
    Any,
    /// From one that has come to this position.
    AtLeast(Position),
    /// From the primary: credentials, permissions, limits, state changes, whatever a daemon asks. While the primary is away
    /// a replica answers ([`ReadConn::source`] tells); writes are refused then.
    Primary,
}

/// Which kind of database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The one that is written to.
    Primary,
    /// One that follows it.
    Replica,
}

impl Source {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
        }
    }
}

/// Where the databases are, and how long to wait for them.
#[derive(Clone)]
pub struct StorageOptions {
    /// URL of the primary: `postgres://user:password@host:port/database?sslmode=…`.
    pub primary_url: String,
    /// URLs of replicas; one that equals `primary_url` is the primary.
    pub read_urls: Vec<String>,
    /// Most connections per database.
    pub max_connections: usize,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long to wait for a connection to become free (making one included).
    pub checkout_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// A replica that is further behind is left alone until it has caught up.
    pub max_replica_lag: Duration,
    /// From what consistency tokens are signed: the panel's encryption key.
    pub token_secret: Vec<u8>,
}

impl StorageOptions {
    /// The usual times, for a primary at `primary_url` and `read_urls` (comma separated, may be empty).
    #[must_use]
    pub fn new(primary_url: &str, read_urls: &str, token_secret: &[u8]) -> Self {
        let read_urls = read_urls
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty());
        Self {
            primary_url: primary_url.trim().to_owned(),
            read_urls: read_urls.map(ToOwned::to_owned).collect(),
            max_connections: 16,
            connect_timeout: Duration::from_secs(3),
            checkout_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(15),
            max_replica_lag: Duration::from_secs(30),
            token_secret: token_secret.to_vec(),
        }
    }
}

/// Shows no URL: they hold passwords.
impl std::fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageOptions")
            .field("replicas", &self.read_urls.len())
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// The databases. A cheap handle: clones share the pools.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    options: StorageOptions,
    counters: Arc<Counters>,
    primary: Pool<AsyncPgConnection>,
    observer: OnceLock<Arc<dyn CommitObserver>>,
}

/// How often a transaction is run before [`Error::Contention`].
const ATTEMPTS: u32 = 5;

impl Db {
    /// Prepares to connect. Dials nothing: a database that is away now may be there when it is needed.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when a URL cannot be used, whoever answers at it.
    pub fn new(options: StorageOptions) -> Result<Self, InvalidUrl> {
        let counters = Arc::new(Counters::default());
        let target = Arc::new(Target::parse(
            &options.primary_url,
            Source::Primary,
            &options,
        )?);
        let primary = target.pool(options.max_connections, &counters)?;
        Ok(Self(Arc::new(Inner {
            options,
            counters,
            primary,
            observer: OnceLock::new(),
        })))
    }

    /// Tells `observer` of every commit from now on. There is one observer for the life of the process; a second one is
    /// refused (`false`).
    pub fn observe_commits(&self, observer: Arc<dyn CommitObserver>) -> bool {
        self.0.observer.set(observer).is_ok()
    }

    /// How often this process has waited for its databases.
    #[must_use]
    pub fn round_trips(&self) -> RoundTrips {
        self.0.counters.read()
    }

    /// A connection for reading that is as fresh as asked.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when no database that is fresh enough can be reached.
    pub async fn read(&self, _freshness: Freshness) -> Result<ReadConn, Error> {
        Ok(ReadConn::new(self.primary_session().await?))
    }

    /// Runs `work` in a transaction on the primary and commits it when it gives `Ok`; `Err` rolls back.
    ///
    /// `work` is run again from the start when other transactions were in the way (40001, 40P01), so ids, times and sealed
    /// values are to be made outside of it, and it must have no effect but on its `Tx`. When it swallows a statement's
    /// error, the transaction fails all the same.
    ///
    /// # Errors
    ///
    /// What `work` gives; [`Error::Unavailable`] when the primary cannot be reached or the answer to COMMIT was lost (then
    /// it may have happened); [`Error::Contention`] when it did not get through.
    pub async fn write<'a, T, E, F>(&self, work: F) -> Result<Committed<T>, E>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, E>> + Send + Sync + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        for attempt in 1..=ATTEMPTS {
            let mut tx = Tx::new(self.primary_session().await?);
            let outcome = work(&mut tx).await;
            match (outcome, tx.session.failure) {
                (Ok(value), Failure::None) => match self.commit(&mut tx).await {
                    Ok(position) => return Ok(Committed { value, position }),
                    Err(error) if tx.session.failure != Failure::Transient => {
                        return Err(error.into());
                    }
                    Err(_) => {}
                },
                (_, Failure::Transient) => {}
                (Ok(_), _) => {
                    tx.session.roll_back().await;
                    let swallowed = "a statement failed, but the transaction was to be committed";
                    return Err(Error::internal(swallowed).into());
                }
                (Err(error), _) => {
                    tx.session.roll_back().await;
                    return Err(error);
                }
            }
            tx.session.roll_back().await;
            drop(tx);
            metrics::counter!("db_transaction_retries_total").increment(1);
            // Two that met once would meet again if both came back at once.
            tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt) * 5)).await;
        }
        Err(Error::Contention { attempts: ATTEMPTS }.into())
    }

    async fn commit(&self, tx: &mut Tx) -> Result<Position, Error> {
        let pending = std::mem::take(&mut tx.pending);
        let sample = crate::consistency::position::sample();
        let rows = tx.session.commit(pending.statements(), sample).await?;
        let position = crate::consistency::position::only(rows)?;
        if !pending.is_empty()
            && let Some(observer) = self.0.observer.get()
        {
            observer.committed(&Commit {
                position,
                keys: pending.keys.into_iter().collect(),
                revocations: pending.revocations,
            });
        }
        Ok(position)
    }

    async fn primary_session(&self) -> Result<Session, Error> {
        self.checkout(&self.0.primary, Source::Primary).await
    }

    async fn checkout(
        &self,
        pool: &Pool<AsyncPgConnection>,
        source: Source,
    ) -> Result<Session, Error> {
        let options = &self.0.options;
        let connection = tokio::time::timeout(options.checkout_timeout, pool.get())
            .await
            .map_err(|_| {
                Error::unavailable(format!("no free connection to the {}", source.as_str()))
            })?
            .map_err(|error| Error::unavailable(error.to_string()))?;
        let counters = Arc::clone(&self.0.counters);
        Ok(Session::new(
            connection,
            source,
            counters,
            options.statement_timeout,
        ))
    }
}
