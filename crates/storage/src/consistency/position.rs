//! How far a database has come.

use std::cmp::Ordering;
use std::fmt;

use crate::db::ReadSql;
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
    /// Whether somebody who has come to `self` has seen everything up to `wanted`.
    #[must_use]
    pub const fn reaches(self, wanted: Self) -> bool {
        self.epoch == wanted.epoch && self.lsn >= wanted.lsn
    }

    /// What a sample taken on the primary vouches for: a commit record is in the log a moment before the commit is
    /// visible, so the sample itself may be of a commit that a snapshot taken next does not show.
    #[must_use]
    pub const fn sampled_on_primary(self) -> Self {
        Self {
            epoch: self.epoch,
            lsn: self.lsn.saturating_sub(1),
        }
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

#[derive(diesel::QueryableByName)]
pub(crate) struct Sample {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    epoch: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    lsn: i64,
}

/// Asks the primary how far it has come.
pub(crate) fn sample() -> ReadSql {
    ReadSql::select(
        "epoch, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS lsn FROM db_epoch",
    )
}

/// The one row that a sample gives.
pub(crate) fn only(rows: Vec<Sample>) -> Result<Position, Error> {
    let Sample { epoch, lsn } = rows
        .into_iter()
        .next()
        .ok_or_else(|| Error::internal("the table db_epoch is empty"))?;
    Ok(Position { epoch, lsn })
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
        assert!(!old.sampled_on_primary().reaches(old));
    }
}
