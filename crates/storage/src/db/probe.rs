//! Looking after the databases: can they be reached, does a replica follow, and how closely.

use std::collections::VecDeque;
use std::future::Future;
use std::time::{Duration, Instant};

use diesel_async::AsyncConnectionCore;
use futures_util::future::join_all;

use super::kept::Kept;
use super::select::RowsOf;
use super::server::Server;
use super::session::rows_of;
use super::{Db, ReadSql, Source};
use crate::consistency::Position;
use crate::consistency::position::Sample;
use crate::error::Error;

/// How often the databases are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a probe waits for each thing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Most samples of the primary that are kept to tell lags by.
const MOST_SAMPLES: usize = 256;

/// Looks at every database now and then, so that requests need not find out by waiting.
pub struct Probe {
    db: Db,
    /// Where the primary was, and when: a replica lags as long as the oldest that it has not come to is old.
    primary_was: VecDeque<(Instant, Position)>,
}

impl Probe {
    /// A probe of all databases of `db`.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self {
            db,
            primary_was: VecDeque::new(),
        }
    }

    /// Looks at each once.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the primary is away; the replicas were looked at all the same.
    pub async fn step(&mut self) -> Result<(), Error> {
        let db = self.db.clone();
        let replicas = &db.0.replicas;
        let samples = join_all(replicas.iter().map(|replica| sample(&db, replica)));
        let (primary, samples) =
            futures_util::future::join(sample(&db, &db.0.primary), samples).await;
        let max_lag = db.0.options.max_replica_lag;
        if let Ok(position) = primary {
            db.0.primary.probed(Ok((position, None)), max_lag);
            if self.primary_was.len() == MOST_SAMPLES {
                self.primary_was.pop_front();
            }
            self.primary_was.push_back((Instant::now(), position));
        }
        for (replica, sample) in replicas.iter().zip(samples) {
            match sample {
                Ok(position) => {
                    // Unknown while the primary is away: what it had come to is all that there is.
                    let lag = primary.is_ok().then(|| self.lag_of(position));
                    replica.probed(Ok((position, lag)), max_lag);
                }
                Err(error) => replica.probed(Err(&error), max_lag),
            }
        }
        if let Err(error) = &primary {
            db.0.primary.probed(Err(error), max_lag);
        }
        primary.map(|_| ())
    }

    /// Steps every second until `shutdown` is ready.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send) {
        let mut rounds = crate::consistency::Rounds::new(INTERVAL, "the primary", shutdown);
        while rounds.next().await {
            let outcome = self.step().await;
            rounds.report(&outcome);
        }
    }

    fn lag_of(&self, replica: Position) -> Duration {
        let missing = self
            .primary_was
            .iter()
            .find(|(_, primary)| !replica.reaches(*primary));
        missing.map_or(Duration::ZERO, |(at, _)| at.elapsed())
    }
}

/// How far a server vouches to have come.
async fn sample(db: &Db, server: &Server) -> Result<Position, Error> {
    let positions = db.positions().await?;
    let statement = positions.sample(server.source);
    let rows = server.monitored(PATIENCE, move |mut connection| {
        rows_of(
            AsyncConnectionCore::load(&mut connection, Kept(&statement)),
            <ReadSql as RowsOf<Sample>>::decode,
        )
    });
    let sample = Sample::only(rows.await?)?;
    let position = db.heed(&sample)?;
    if server.source == Source::Primary && db.is_replaced(position.epoch) {
        server.distrust_connections();
        return Err(Error::unavailable(
            "it was replaced as the primary and does not know it",
        ));
    }
    positions.vouched(&sample)
}

impl Db {
    /// What is known of each database: the primary, then the replicas in the order of their URLs.
    #[must_use]
    pub fn health(&self) -> Vec<super::ServerHealth> {
        let servers = std::iter::once(&self.0.primary).chain(&self.0.replicas);
        servers.map(|server| server.health()).collect()
    }

    /// Whether the primary answers, as far as is known without asking it.
    #[must_use]
    pub fn accepts_writes(&self) -> bool {
        debug_assert_eq!(self.0.primary.source, Source::Primary);
        self.0.primary.in_use()
    }
}
