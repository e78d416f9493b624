//! The way to the databases: pools, who is asked, and transactions that are run again when others were in the way.

mod commit;
mod connect;
mod history;
mod kept;
pub(crate) mod late;
mod options;
mod probe;
mod read;
mod read_conn;
mod readable;
mod round_trips;
mod routing;
mod select;
mod server;
mod session;
mod sql;
mod tls;
mod tx;
mod uncommitted;
mod write;

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock};

use diesel_async::AsyncPgConnection;
use tokio::sync::OnceCell;

pub use commit::{Commit, CommitObserver, Committed};
pub use connect::InvalidUrl;
pub use late::{LateSql, Literal};
pub use options::StorageOptions;
pub use probe::Probe;
pub use read::{ReadLog, Reason, Route};
pub use read_conn::ReadConn;
pub use readable::Readable;
pub use round_trips::{RoundTrips, in_background};
pub use select::{ReadStatement, RowsOf, Select};
pub use server::ServerHealth;
pub use sql::{ReadSql, Sql};
pub use tx::Tx;
pub use uncommitted::Uncommitted;

use crate::consistency::position::Sample;
use crate::consistency::{Position, PositionSource, Tokens};
use crate::error::Error;
use round_trips::Counters;
pub(crate) use routing::Place;
use server::{Server, Share};
use session::Session;

/// How fresh an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// From any healthy database that is not behind what this process has already seen.
    Any,
    /// From one that has also come to this position.
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

/// The databases. A cheap handle: clones share the pools.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    options: StorageOptions,
    tokens: Tokens,
    counters: Arc<Counters>,
    history: Arc<history::History>,
    primary: Arc<Server>,
    replicas: Vec<Arc<Server>>,
    /// Whose turn it is of replicas that are as good as each other.
    turn: AtomicUsize,
    positions: OnceCell<PositionSource>,
    follow: Mutex<routing::Follow>,
    /// Told when a reader waits for the watermark.
    reader_waits: tokio::sync::Notify,
    observer: OnceLock<Arc<dyn CommitObserver>>,
}

impl Db {
    /// Prepares to connect. Dials nothing: a database that is away now may be there when it is needed.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when a URL cannot be used, whoever answers at it.
    pub fn new(options: StorageOptions) -> Result<Self, InvalidUrl> {
        let counters = Arc::new(Counters::default());
        let history = Arc::new(history::History::default());
        let server = |url: &str, source| {
            Server::new(url, source, &options, &counters, &history).map(Arc::new)
        };
        let primary = server(&options.primary_url, Source::Primary)?;
        let replicas = options
            .read_urls
            .iter()
            .filter(|url| **url != options.primary_url);
        let replicas = replicas
            .map(|url| server(url, Source::Replica))
            .collect::<Result<_, _>>()?;
        let tokens = Tokens::new(&options.token_secret, &options.previous_token_secrets);
        Ok(Self(Arc::new(Inner {
            options,
            tokens,
            counters,
            history,
            primary,
            replicas,
            turn: AtomicUsize::new(0),
            positions: OnceCell::new(),
            follow: Mutex::default(),
            reader_waits: tokio::sync::Notify::new(),
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

    /// Signs and reads the tokens that clients carry.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// What positions are made of here. Asks a database at the first call: the primary, or while that is away a replica.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when no database was ever asked before and all are away.
    pub async fn positions(&self) -> Result<PositionSource, Error> {
        let ask = async || {
            let asked = match self.primary_session().await {
                Ok(mut primary) => self.ask_positions(&mut primary).await,
                Err(error) => Err(error),
            };
            let Err(Error::Unavailable { .. }) = &asked else {
                return asked;
            };
            for replica in &self.0.replicas {
                if let Ok(mut session) = replica.session(Share::Reserved).await
                    && let Ok(positions) = self.ask_positions(&mut session).await
                {
                    return Ok(positions);
                }
            }
            asked
        };
        self.0.positions.get_or_try_init(ask).await.copied()
    }

    async fn ask_positions(&self, session: &mut Session) -> Result<PositionSource, Error> {
        #[derive(diesel::QueryableByName)]
        struct Shown {
            #[diesel(sql_type = diesel::sql_types::Bool)]
            #[expect(dead_code, reason = "that there is a row is the answer")]
            shown: bool,
        }
        let log = ReadSql::select(
            "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END IS NOT NULL AS shown",
        );
        match session.load::<_, Shown>(log).await {
            Ok(_) => Ok(PositionSource::WriteAheadLog),
            Err(error @ Error::Unavailable { .. }) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the database shows no log positions: its clock is used (experimental)");
                let margin = self.0.options.clock_margin.as_micros();
                Ok(PositionSource::Clock {
                    margin: i64::try_from(margin).unwrap_or(i64::MAX),
                })
            }
        }
    }

    /// Where the primary is now.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when it is away.
    pub async fn primary_position(&self) -> Result<Position, Error> {
        let sample = self.positions().await?.sample(Source::Primary);
        self.heed(&Sample::only(
            self.primary_session().await?.load(sample).await?,
        )?)
    }

    /// A connection of its own, outside of the pool.
    pub(crate) async fn connect_to_primary(&self) -> Result<AsyncPgConnection, Error> {
        self.0
            .primary
            .target
            .connect()
            .await
            .map_err(|error| Error::unavailable(error.to_string()))
    }

    /// A connection to the primary for what has to go on whatever requests do.
    pub(crate) async fn primary_session(&self) -> Result<Session, Error> {
        self.session(Share::Reserved).await
    }

    pub(crate) async fn session(&self, share: Share) -> Result<Session, Error> {
        self.0.primary.session(share).await
    }

    /// Runs one statement on the primary, outside of a transaction; gives the number of rows that it changed.
    pub(crate) async fn on_primary(&self, statement: Sql) -> Result<usize, Error> {
        self.primary_session().await?.execute(statement).await
    }
}
