//! How far this process has followed the log of invalidations.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::sql_types::{self, BigInt, Bool, Nullable, Text, Timestamptz};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::Position;
use super::position::Sample;
use crate::db::{Db, Place, ReadSql, Sql, Tx};
use crate::error::Error;

/// How often the log is read.
pub const INTERVAL: Duration = Duration::from_millis(100);

/// How soon it is read when a reader waits for the watermark, or keys wait for it to pass their change: until then readings cost as if there
/// were no caches.
const SOON: Duration = Duration::from_millis(5);

/// Within what time of being told keys can be waited for.
const SETTLES_WITHIN: Duration = Duration::from_millis(200);

/// Most rows taken at once; who has more to catch up with empties his caches instead.
const MOST_ROWS: i64 = 20_000;

/// What a cache has to drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalidation<'a> {
    /// What is kept under these keys.
    Keys(&'a [ChangedKey]),
    /// Everything: some invalidations were missed, or the database's history has changed.
    Everything,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedKey {
    /// What is kept under it is old.
    pub key: String,
    /// What [`Commit::change`](crate::Commit::change) called the transaction, where its process knew of the key.
    pub change: Option<Uuid>,
}

/// Why a cache could not drop what it was told to.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// The caches of this process, all tiers.
pub trait InvalidationSink: Send + Sync {
    /// Drops it from every tier, and gives `Ok` when no tier can show it any more, nor keeps what is loaded from before `seen`. That was
    /// sampled after the log was read: all that is told of lies before. After an error the same is told again, and the watermark stays
    /// where it was.
    fn apply<'a>(
        &'a self,
        invalidation: Invalidation<'a>,
        seen: Position,
    ) -> BoxFuture<'a, Result<(), SinkError>>;

    /// A step succeeded: the watermark is at `watermark`, which need not be further than before.
    fn came_to(&self, watermark: Position) -> BoxFuture<'_, ()>;
}

/// Reads the log and tells the caches, then moves the process's watermark ([`Db::watermark`]).
///
/// What holds after each step: no cache of this process shows anything older than the watermark. For that a step first makes
/// sure that nothing is loaded from before the new watermark any more, then drops keys, then moves the watermark. A snapshot
/// shows more than its position vouches for, so a key is told with a position that was sampled after it was seen: until then a
/// value may be loaded from a database that has come to the watermark, but not to the commit.
pub struct Watermark {
    db: Db,
    sink: Arc<dyn InvalidationSink>,
    previous: Option<Snapshot>,
    told: Option<Told>,
}

/// The keys that were told last.
struct Told {
    /// Once the watermark is there, values of them can be kept that were loaded from anywhere.
    seen: Position,
    at: Instant,
}

/// What was seen by the previous step.
struct Snapshot {
    epoch: i64,
    /// The lowest transaction that was still running: whatever is below was seen, if it was committed.
    xmin: i64,
    taken_at: DateTime<Utc>,
    /// The rows at or above `xmin` that were seen already.
    seen: HashSet<i64>,
}

#[derive(diesel::QueryableByName)]
struct LogRow {
    #[diesel(sql_type = BigInt)]
    xmin: i64,
    #[diesel(sql_type = Timestamptz)]
    taken_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    missed: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    xid: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = Nullable<sql_types::Uuid>)]
    change: Option<Uuid>,
}

/// The log's rows of transactions that were not over at `from`, and what the snapshot that shows them is. A row is written
/// just before its COMMIT, and `since` is by the clock of the database that was read: ten minutes are more than the
/// time between the two and the differences of clocks together.
fn log_since(from: i64, since: Option<DateTime<Utc>>) -> ReadSql {
    ReadSql::select(
        "pg_snapshot_xmin(s.snapshot)::text::bigint AS xmin, clock_timestamp() AS taken_at, \
         coalesce(",
    )
    .bind::<Nullable<Timestamptz>, _>(since)
    .sql(
        " - interval '10 minutes' < e.invalidations_kept_from, false) AS missed, i.id, i.xid, i.key, i.change \
         FROM db_epoch e CROSS JOIN (SELECT pg_current_snapshot() AS snapshot) s \
         LEFT JOIN cache_invalidations i ON i.xid >= ",
    )
    .bind::<BigInt, _>(from)
    .sql(" ORDER BY i.id LIMIT ")
    .bind::<BigInt, _>(MOST_ROWS)
}

#[derive(diesel::QueryableByName)]
struct Nudge {
    #[diesel(sql_type = BigInt)]
    #[expect(dead_code, reason = "that it was given a number is what moves the log")]
    xid: i64,
}

/// A transaction that changes nothing but has a number, and so a commit record in the log.
fn nudge() -> ReadSql {
    ReadSql::select("pg_current_xact_id()::text::bigint AS xid")
}

impl Watermark {
    /// Follows `db`'s log for `sink`. The first step tells all that is kept of the log: what a shared tier holds may be as old.
    #[must_use]
    pub fn new(db: Db, sink: Arc<dyn InvalidationSink>) -> Self {
        Self {
            db,
            sink,
            previous: None,
            told: None,
        }
    }

    /// Reads what is new in the log, in one round trip to the database that this process reads from; tells the sink; then moves
    /// the watermark.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when there is nothing to read from or the sink could not follow. Nothing is lost by it: the next
    /// step begins where this one did.
    pub async fn step(&mut self) -> Result<(), Error> {
        let positions = self.db.positions().await?;
        let (server, mut session) = self.db.polled_session().await?;
        let from = self.previous.as_ref().map_or(0, |previous| previous.xmin);
        let since = self.previous.as_ref().map(|previous| previous.taken_at);
        // The position first: the snapshot then shows at least what the position stands for.
        let (sample, rows) = session
            .load_in_order::<_, Sample, _, LogRow>(
                positions.sample(session.source),
                log_since(from, since),
            )
            .await?;
        let sample = Sample::only(sample)?;
        let vouched = positions.vouched(&sample)?;
        let sample = self.db.heed(&sample)?;

        let first = rows
            .first()
            .ok_or_else(|| Error::internal("the table db_epoch is empty"))?;
        let (xmin, taken_at, missed) = (first.xmin, first.taken_at, first.missed);
        let too_many = i64::try_from(rows.len()).is_ok_and(|rows| rows >= MOST_ROWS);
        let another_history = self
            .previous
            .as_ref()
            .is_some_and(|previous| previous.epoch != sample.epoch);
        let (mut keys, mut seen) = (Vec::new(), HashSet::new());
        for LogRow {
            id,
            xid,
            key,
            change,
            ..
        } in rows
        {
            let (Some(id), Some(xid), Some(key)) = (id, xid, key) else {
                continue;
            };
            if xid >= xmin {
                seen.insert(id);
            }
            if self
                .previous
                .as_ref()
                .is_none_or(|previous| !previous.seen.contains(&id))
            {
                keys.push(ChangedKey { key, change });
            }
        }
        let moves = self
            .db
            .watermark()
            .is_none_or(|watermark| watermark.later(vouched) != watermark);
        if moves {
            self.db.raise_floor(vouched, server);
        }
        let invalidation = if missed || too_many || another_history {
            tracing::info!(missed, too_many, another_history, "the caches are emptied");
            Some(Invalidation::Everything)
        } else if keys.is_empty() {
            None
        } else {
            Some(Invalidation::Keys(&keys))
        };
        if let Some(invalidation) = invalidation {
            // Of the database that was read, which knows of all that it showed; the primary may be far away.
            let seen = session.load(positions.sample(session.source)).await?;
            let seen = self.db.heed(&Sample::only(seen)?)?;
            drop(session);
            self.sink.apply(invalidation, seen).await.map_err(|error| {
                Error::unavailable(format!("the caches did not follow the log: {error}"))
            })?;
            self.told = Some(Told {
                seen,
                at: Instant::now(),
            });
        } else if server == Place::Primary && self.db.is_held_up(vouched, sample) {
            // Its own write was the last that there was, and a sample of the primary counts less than itself: only another one
            // lets the watermark pass it.
            session.load::<_, Nudge>(nudge()).await?;
        }
        self.previous = Some(Snapshot {
            epoch: sample.epoch,
            xmin,
            taken_at,
            seen,
        });
        self.db.has_come_to(server, vouched);
        self.db.raise_watermark(vouched);
        self.told = self.told.take().filter(|told| !vouched.reaches(told.seen));
        if let Some(watermark) = self.db.watermark() {
            self.sink.came_to(watermark).await;
        }
        Ok(())
    }

    /// Steps every 100 ms, or 5 ms after a reader began to wait or keys were told that the watermark has not passed, until `shutdown` is ready.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send) {
        let mut rounds =
            crate::consistency::Rounds::new(INTERVAL, "the log of invalidations", shutdown);
        let mut stepped_at = Instant::now();
        loop {
            // Of a database that lags or has stopped, asking more often is of no use.
            let settles = self
                .told
                .as_ref()
                .is_some_and(|told| told.at.elapsed() < SETTLES_WITHIN);
            let sooner = async {
                if !settles {
                    self.db.reader_waits().await;
                }
                tokio::time::sleep(SOON).await;
            };
            if !rounds.next_or_sooner(sooner).await {
                return;
            }
            let outcome = self.step().await;
            if outcome.is_ok() {
                stepped_at = Instant::now();
            }
            metrics::gauge!("cache_watermark_age_seconds").set(stepped_at.elapsed().as_secs_f64());
            rounds.report(&outcome);
        }
    }
}

/// Deletes the log's rows from before `before` (an hour ago); gives their number. For the leading worker.
///
/// # Errors
///
/// As any write.
pub async fn trim(tx: &mut Tx, before: DateTime<Utc>) -> Result<usize, Error> {
    let deleted = tx
        .execute(
            Sql::new("DELETE FROM cache_invalidations WHERE created_at < ")
                .bind::<Timestamptz, _>(before),
        )
        .await?;
    if deleted > 0 {
        tx.execute(
            Sql::new(
                "UPDATE db_epoch SET invalidations_kept_from = greatest(invalidations_kept_from, ",
            )
            .bind::<Timestamptz, _>(before)
            .sql(")"),
        )
        .await?;
    }
    Ok(deleted)
}
