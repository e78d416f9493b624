//! How far a database has come.

use std::cmp::Ordering;
use std::fmt;

use crate::db::{ReadSql, Source};
use crate::error::Error;

/// A point in the primary's history: everything committed before it is visible to whoever has reached it.
///
/// `lsn` is a byte offset in the write-ahead log, or microseconds since 1970 where the database shows no log positions.
/// `epoch` counts the primary's timelines: positions of different epochs are not ordered, and never satisfy each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The primary's timeline, as counted by the table `db_epoch`.
    pub epoch: i64,
    /// Where in that timeline.
    pub lsn: i64,
}

impl Position {
    /// For a reader who must be shown whatever was committed: no replica and no cache is known to have it.
    pub const LATEST: Self = Self {
        epoch: i64::MAX,
        lsn: i64::MAX,
    };

    /// Whether somebody who has come to `self` has seen everything up to `wanted`.
    #[must_use]
    pub const fn reaches(self, wanted: Self) -> bool {
        self.epoch == wanted.epoch && self.lsn >= wanted.lsn
    }

    /// The one that a reader who knows both must be shown: the later; of different epochs the one of the later epoch,
    /// because the earlier history is no longer there to be reached.
    #[must_use]
    pub const fn later(self, other: Self) -> Self {
        let other_wins =
            other.epoch > self.epoch || (other.epoch == self.epoch && other.lsn > self.lsn);
        if other_wins { other } else { self }
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.epoch == other.epoch).then(|| self.lsn.cmp(&other.lsn))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:X}", self.epoch, self.lsn)
    }
}

/// What a deployment's positions are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PositionSource {
    /// Offsets in the write-ahead log.
    WriteAheadLog,
    /// The database's clock, where it shows no log positions. Experimental.
    Clock {
        /// The worst skew between its nodes' clocks and the longest transaction, in microseconds: a reading only vouches
        /// for what is older.
        margin: i64,
    },
}

impl PositionSource {
    /// What a sample says about a snapshot that is taken after it.
    ///
    /// On the primary it counts one less than what is on disk. One less, because a commit record is in the log a moment before the
    /// commit is visible. On disk, because the rest is lost when the server crashes, and the log goes on from there: what is
    /// written then has positions that were given out before. A replica counts what it has applied, which the primary had on disk.
    pub(crate) fn vouched(self, sample: &Sample) -> Result<Position, Error> {
        let less = match self {
            Self::WriteAheadLog if sample.on_primary => 1,
            Self::WriteAheadLog => 0,
            Self::Clock { margin } => margin,
        };
        let position = sample.position()?;
        Ok(Position {
            lsn: sample.settled.unwrap_or(position.lsn).saturating_sub(less),
            ..position
        })
    }

    /// Asks a database how far it has come.
    pub(crate) fn sample(self, source: Source) -> ReadSql {
        match (self, source) {
            (Self::WriteAheadLog, Source::Primary) => ReadSql::select(
                "epoch, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS lsn, \
                 (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS settled, \
                 timeline <> ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint \
                 AS moved, true AS on_primary FROM db_epoch",
            ),
            // One that was promoted replays nothing more, but still says how far it had come.
            (Self::WriteAheadLog, Source::Replica) => ReadSql::select(
                "epoch, CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END AS lsn, \
                 NULL::bigint AS settled, false AS moved, false AS on_primary FROM db_epoch",
            ),
            (Self::Clock { .. }, Source::Primary) => ReadSql::select(
                "epoch, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS lsn, NULL::bigint AS settled, \
                 false AS moved, true AS on_primary FROM db_epoch",
            ),
            // Its own clock says nothing of what it has applied; the time that came with the log does.
            (Self::Clock { .. }, Source::Replica) => ReadSql::select(
                "epoch, (extract(epoch FROM clock_at) * 1000000)::bigint AS lsn, NULL::bigint AS settled, \
                 false AS moved, false AS on_primary FROM db_epoch",
            ),
        }
    }
}

/// The one row that [`PositionSource::sample`] gives.
#[derive(Debug, diesel::QueryableByName)]
pub(crate) struct Sample {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    epoch: i64,
    /// NULL on a server that replays nothing.
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    lsn: Option<i64>,
    /// How much of it a crash would leave, where that is not all of it.
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    settled: Option<i64>,
    /// The primary's timeline is not the one that `epoch` was given for.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub(crate) moved: bool,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    on_primary: bool,
}

impl Sample {
    pub(crate) fn only(rows: Vec<Self>) -> Result<Self, Error> {
        rows.into_iter()
            .next()
            .ok_or_else(|| Error::internal("the table db_epoch is empty"))
    }

    /// The position itself: what a commit that was answered before has not come further than.
    pub(crate) fn position(&self) -> Result<Position, Error> {
        let not_a_replica = || Error::unavailable("the server replays no log: it is no replica");
        let lsn = self.lsn.ok_or_else(not_a_replica)?;
        Ok(Position {
            epoch: self.epoch,
            lsn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_never_satisfy_each_other() {
        let old = Position { epoch: 1, lsn: 900 };
        let new = Position { epoch: 2, lsn: 100 };
        assert!(!old.reaches(new) && !new.reaches(old));
        assert_eq!(old.partial_cmp(&new), None);
        assert_eq!(old.later(new), new);
        assert_eq!(new.later(old), new);
        assert!(old.reaches(old));
    }

    #[test]
    fn a_sample_of_the_primary_vouches_for_less_than_itself() {
        let at = |on_primary, settled| Sample {
            epoch: 1,
            lsn: Some(900),
            settled,
            moved: false,
            on_primary,
        };
        let vouched = |source: PositionSource, sample: Sample| source.vouched(&sample).unwrap().lsn;
        let log = PositionSource::WriteAheadLog;
        assert_eq!(vouched(log, at(false, None)), 900);
        assert_eq!(vouched(log, at(true, Some(900))), 899);
        assert_eq!(vouched(log, at(true, Some(850))), 849);
        let clock = PositionSource::Clock { margin: 50 };
        assert_eq!(vouched(clock, at(true, None)), 850);
        assert_eq!(vouched(clock, at(false, None)), 850);
    }
}
