//! How many rows the longest lists have, and where their far pages begin.
//!
//! Triggers of the database count servers, users and the entries of the administration's log by the day they were created (see
//! the migration `growth`). A total is the sum of days, and a page in the middle of a list begins a few rows from the start or the end
//! of a day, so that no page costs more than a part of one day's rows.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Timestamptz};

use crate::db::{ReadSql, Readable, Sql, Tx};
use crate::error::Error;

/// The counted lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// All servers.
    Servers,
    /// All users.
    Users,
    /// The administration's log.
    Activities,
}

impl Counted {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Users => "users",
            Self::Activities => "activities",
        }
    }
}

/// Pages that begin at most this many rows after the start of a list are read from there.
pub(crate) const NEAR: i64 = 1_000;

/// How many rows were created on a day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(crate) struct Day {
    #[diesel(sql_type = Date)]
    pub(crate) day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub(crate) entries: i64,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The oldest row comes first.
    OldestFirst,
    /// The newest row comes first.
    NewestFirst,
}

/// How to read a page: `take` rows after the first `skip` ones, upwards from the instant `bound` (inclusive) or downwards from it
/// (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) upwards: bool,
    pub(crate) bound: DateTime<Utc>,
    pub(crate) skip: i64,
    pub(crate) take: i64,
}

/// How many rows the days have together.
pub(crate) fn total(days: &[Day]) -> i64 {
    days.iter().map(|day| day.entries).sum()
}

/// How to read the rows `offset` .. `offset + limit` of a list with these days, oldest first. `None`: there are none.
pub(crate) fn window(days: &[Day], order: Order, offset: i64, limit: i64) -> Option<Window> {
    let total = total(days);
    let take = limit.min(total.saturating_sub(offset));
    if take <= 0 {
        return None;
    }
    // Everything is counted from the oldest row.
    let first = match order {
        Order::OldestFirst => offset,
        Order::NewestFirst => total - offset - take,
    };
    let last = first + take - 1;
    let mut before = 0;
    let (mut from, mut to) = (None, None);
    for day in days {
        let after = before + day.entries;
        if from.is_none() && first < after {
            from = Some((day.day, first - before));
        }
        if to.is_none() && last < after {
            to = Some((day.day, after - 1 - last));
        }
        before = after;
    }
    let ((from, below), (to, above)) = (from?, to?);
    let upwards = below <= above;
    let day = if upwards { from } else { to.succ_opt()? };
    Some(Window {
        upwards,
        bound: day.and_time(NaiveTime::MIN).and_utc(),
        skip: if upwards { below } else { above },
        take,
    })
}

/// Rows that were read as `window` says, in the order of the list.
pub(crate) fn in_order<T>(mut rows: Vec<T>, window: Window, order: Order) -> Vec<T> {
    if window.upwards != (order == Order::OldestFirst) {
        rows.reverse();
    }
    rows
}

#[derive(QueryableByName)]
struct Entries {
    #[diesel(sql_type = BigInt)]
    entries: i64,
}

/// How many rows `list` has.
pub(crate) async fn count(conn: &mut impl Readable, list: Counted) -> Result<i64, Error> {
    let row: Entries = conn
        .first(
            ReadSql::select(
                "coalesce(sum(entries), 0)::bigint AS entries FROM row_counts WHERE list = ",
            )
            .bind::<diesel::sql_types::Text, _>(list.as_str()),
        )
        .await?;
    Ok(row.entries)
}

/// The days of `list`, oldest first.
pub(crate) async fn days(conn: &mut impl Readable, list: Counted) -> Result<Vec<Day>, Error> {
    conn.load(
        ReadSql::select("day, sum(entries)::bigint AS entries FROM row_counts WHERE list = ")
            .bind::<diesel::sql_types::Text, _>(list.as_str())
            .sql(" GROUP BY day HAVING sum(entries) <> 0 ORDER BY day"),
    )
    .await
}

/// Adds the shards of days before `now`'s to one, which makes totals quicker to read. Gives how many rows there were.
///
/// # Errors
/// Those of the database.
pub async fn fold(tx: &mut Tx, now: DateTime<Utc>) -> Result<usize, Error> {
    // A transaction that began yesterday may still count in yesterday's shards: nothing is lost, since it makes them anew. Rows that
    // others are changing are left for the next time.
    let before = now - TimeDelta::days(1);
    tx.execute(
        Sql::new(
            "WITH old AS (SELECT list, key, day, shard FROM row_counts WHERE shard <> 0 AND day < (",
        )
        .bind::<Timestamptz, _>(before)
        .sql(
            "::timestamptz AT TIME ZONE 'UTC')::date FOR UPDATE SKIP LOCKED), \
             folded AS (DELETE FROM row_counts c USING old \
             WHERE (c.list, c.key, c.day, c.shard) = (old.list, old.key, old.day, old.shard) \
             RETURNING c.list, c.key, c.day, c.entries) \
             INSERT INTO row_counts AS c (list, key, day, shard, entries) \
             SELECT list, key, day, 0, sum(entries) FROM folded GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 \
             ON CONFLICT (list, key, day, shard) DO UPDATE SET entries = c.entries + excluded.entries",
        ),
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(entries: &[i64]) -> Vec<Day> {
        let mut day = NaiveDate::from_ymd_opt(2026, 2, 27).unwrap();
        entries
            .iter()
            .map(|entries| {
                day = day.succ_opt().unwrap();
                Day {
                    day,
                    entries: *entries,
                }
            })
            .collect()
    }

    /// The numbers of the rows that are read, the oldest row of all being 0.
    fn read(days: &[Day], order: Order, window: Window) -> Vec<i64> {
        let rows: Vec<(NaiveDate, i64)> = days
            .iter()
            .flat_map(|day| std::iter::repeat_n(day.day, usize::try_from(day.entries).unwrap()))
            .zip(0..)
            .collect();
        let at = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let skip = usize::try_from(window.skip).unwrap();
        let take = usize::try_from(window.take).unwrap();
        let found: Vec<i64> = if window.upwards {
            let rows = rows.iter().filter(|(day, _)| at(*day) >= window.bound);
            rows.skip(skip).take(take).map(|(_, n)| *n).collect()
        } else {
            let rows = rows.iter().rev().filter(|(day, _)| at(*day) < window.bound);
            rows.skip(skip).take(take).map(|(_, n)| *n).collect()
        };
        in_order(found, window, order)
    }

    #[test]
    fn each_page_is_the_one_that_counting_through_finds() {
        for entries in [
            &[7][..],
            &[1, 1, 1],
            &[5, 100, 2, 40],
            &[3, 0, 0, 9, 1, 1, 200],
        ] {
            let days = days(entries);
            let all = total(&days);
            for order in [Order::OldestFirst, Order::NewestFirst] {
                let mut expected: Vec<i64> = (0..all).collect();
                if order == Order::NewestFirst {
                    expected.reverse();
                }
                for limit in [1, 3, 25, 1_000] {
                    for offset in 0..all {
                        let window = window(&days, order, offset, limit).unwrap();
                        let from = usize::try_from(offset).unwrap();
                        let to = usize::try_from((offset + limit).min(all)).unwrap();
                        assert_eq!(
                            read(&days, order, window),
                            expected[from..to],
                            "{entries:?} {order:?} {offset} {limit}"
                        );
                        let most = entries.iter().max().unwrap();
                        assert!(window.skip <= *most, "no more than a day is passed over");
                    }
                    assert_eq!(window(&days, order, all, limit), None);
                }
            }
        }
        assert_eq!(window(&[], Order::NewestFirst, 0, 25), None);
    }
}
