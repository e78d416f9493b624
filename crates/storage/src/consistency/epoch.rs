//! Counting the primary's timelines: after a fail-over the log goes on from an earlier place, and positions from before it
//! would be satisfied by databases that never saw what they stand for.

use crate::db::{Db, Sql};
use crate::error::Error;

/// The primary's timeline is the first eight digits of its current log file's name.
fn raise() -> Sql {
    Sql::new(
        "UPDATE db_epoch SET epoch = epoch + (timeline <> 0)::int, timeline = now_on, raised_at = clock_timestamp() \
         FROM (SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint AS now_on) t \
         WHERE timeline <> now_on",
    )
}

/// Raises the epoch when the primary's timeline is another than the one that the epoch was given for; tells whether it was
/// raised now. (The very first look only notes the timeline.)
///
/// Every commit notices by itself; the leading worker also calls this every few seconds, so that a change is seen on a panel that
/// nobody writes to. Where the database shows no log positions, this writes down its clock instead: what has come to a replica
/// of that is how far the replica is.
///
/// # Errors
///
/// [`Error::Unavailable`] when the primary is away.
pub async fn observe(db: &Db) -> Result<bool, Error> {
    if db.positions().await? != super::PositionSource::WriteAheadLog {
        db.on_primary(Sql::new("UPDATE db_epoch SET clock_at = clock_timestamp()"))
            .await?;
        return Ok(false);
    }
    let raised = db.on_primary(raise()).await? > 0;
    if raised {
        tracing::warn!(
            "the primary's timeline is new to us: positions from before it no longer count"
        );
    }
    Ok(raised)
}
