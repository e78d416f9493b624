//! Claiming, finishing and putting back jobs. Leases are measured by the database's clock, so workers whose clocks
//! differ agree on who holds what; `run_at` is compared with the panel's clock, which tests inject.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use panel_domain::id::JobId;
use panel_storage::{Db, Error, ReadSql, Readable, Sql};
use scoped_futures::ScopedFutureExt;
use serde_json::Value;
use uuid::Uuid;

/// A job that this worker may run until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which.
    pub id: JobId,
    /// Its kind.
    pub name: String,
    /// Its payload.
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// After which attempt it is given up.
    pub max_attempts: i32,
    /// The number of this claim: a change under an older one has no effect.
    pub fence: i64,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    max_attempts: i32,
    #[diesel(sql_type = BigInt)]
    fence: i64,
}

impl From<ClaimedRow> for Claimed {
    fn from(row: ClaimedRow) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            payload: row.payload,
            attempt: row.attempts,
            max_attempts: row.max_attempts,
            fence: row.fence,
        }
    }
}

/// Claims up to `limit` jobs that are due at `now`, or whose worker let its lease run out.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    db: &Db,
    worker: &str,
    now: DateTime<Utc>,
    lease: Duration,
    limit: i64,
) -> Result<Vec<Claimed>, Error> {
    let committed = db
        .write(|tx| {
            async move {
                let rows: Vec<ClaimedRow> = tx
                    .load(
                        Sql::new("UPDATE jobs SET attempts = attempts + 1, fence = fence + 1, locked_by = ")
                            .bind::<Text, _>(worker.to_owned())
                            .sql(", lease_until = clock_timestamp() + make_interval(secs => ")
                            .bind::<Double, _>(lease.as_secs_f64())
                            .sql(") WHERE id IN (SELECT id FROM jobs WHERE given_up_at IS NULL AND run_at <= ")
                            .bind::<Timestamptz, _>(now)
                            .sql(
                                " AND (lease_until IS NULL OR lease_until < clock_timestamp()) \
                                 ORDER BY priority DESC, run_at, id LIMIT ",
                            )
                            .bind::<BigInt, _>(limit)
                            .sql(" FOR UPDATE SKIP LOCKED) RETURNING id, name, payload, attempts, max_attempts, fence"),
                    )
                    .await?;
                Ok::<_, Error>(rows)
            }
            .scope_boxed()
        })
        .await?;
    Ok(committed.value.into_iter().map(Claimed::from).collect())
}

/// Prolongs the lease of a job that takes long. `false`: somebody else has it now; stop.
///
/// # Errors
/// Those of the database.
pub async fn extend(db: &Db, job: &Claimed, lease: Duration) -> Result<bool, Error> {
    change(db, job, |held| {
        Sql::new("UPDATE jobs SET lease_until = clock_timestamp() + make_interval(secs => ")
            .bind::<Double, _>(lease.as_secs_f64())
            .sql(") WHERE ")
            .bind_held(held)
    })
    .await
}

/// Deletes a job that is done. `false`: somebody else has it now.
///
/// # Errors
/// Those of the database.
pub async fn finish(db: &Db, job: &Claimed) -> Result<bool, Error> {
    change(db, job, |held| {
        Sql::new("DELETE FROM jobs WHERE ").bind_held(held)
    })
    .await
}

/// Puts a job back, to run at `run_at`. When the same work was enqueued again meanwhile, that one is enough and this one is
/// deleted. `counts: false` takes the attempt back.
///
/// # Errors
/// Those of the database.
pub async fn put_back(
    db: &Db,
    job: &Claimed,
    run_at: DateTime<Utc>,
    error: Option<&str>,
    counts: bool,
) -> Result<bool, Error> {
    let put_back = change(db, job, |held| {
        Sql::new("UPDATE jobs SET locked_by = NULL, lease_until = NULL, run_at = ")
            .bind::<Timestamptz, _>(run_at)
            .sql(", last_error = coalesce(")
            .bind::<Nullable<Text>, _>(error.map(str::to_owned))
            .sql(", last_error), attempts = attempts - ")
            .bind::<Integer, _>(i32::from(!counts))
            .sql(" WHERE ")
            .bind_held(held)
    })
    .await;
    match put_back {
        Err(error) if error.is_conflict_on("jobs_dedup_key") => finish(db, job).await,
        other => other,
    }
}

/// Gives a job up: it stays in the table, and nobody runs it.
///
/// # Errors
/// Those of the database.
pub async fn give_up(
    db: &Db,
    job: &Claimed,
    now: DateTime<Utc>,
    error: &str,
) -> Result<bool, Error> {
    change(db, job, |held| {
        Sql::new("UPDATE jobs SET locked_by = NULL, lease_until = NULL, given_up_at = ")
            .bind::<Timestamptz, _>(now)
            .sql(", last_error = ")
            .bind::<Text, _>(error.to_owned())
            .sql(" WHERE ")
            .bind_held(held)
    })
    .await
}

struct Held {
    id: Uuid,
    fence: i64,
}

trait BindHeld {
    fn bind_held(self, held: Held) -> Self;
}

impl BindHeld for Sql {
    fn bind_held(self, held: Held) -> Self {
        self.sql("id = ")
            .bind::<SqlUuid, _>(held.id)
            .sql(" AND fence = ")
            .bind::<BigInt, _>(held.fence)
    }
}

async fn change(
    db: &Db,
    job: &Claimed,
    statement: impl Fn(Held) -> Sql + Send + Sync,
) -> Result<bool, Error> {
    let statement = &statement;
    let committed = db
        .write(|tx| {
            async move {
                let held = Held {
                    id: job.id.uuid(),
                    fence: job.fence,
                };
                tx.execute(statement(held)).await
            }
            .scope_boxed()
        })
        .await?;
    Ok(committed.value > 0)
}

/// How the queue stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct Depth {
    /// Due at the time asked for, and claimed by nobody.
    #[diesel(sql_type = BigInt)]
    pub due: i64,
    /// To run later.
    #[diesel(sql_type = BigInt)]
    pub later: i64,
    /// Being run.
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Given up.
    #[diesel(sql_type = BigInt)]
    pub given_up: i64,
}

/// How the queue stands at `now`.
///
/// # Errors
/// Those of the database.
pub async fn depth(conn: &mut impl Readable, now: DateTime<Utc>) -> Result<Depth, Error> {
    conn.first(
        ReadSql::select("count(*) FILTER (WHERE given_up_at IS NULL AND locked_by IS NULL AND run_at <= ")
            .bind::<Timestamptz, _>(now)
            .sql(") AS due, count(*) FILTER (WHERE given_up_at IS NULL AND locked_by IS NULL AND run_at > ")
            .bind::<Timestamptz, _>(now)
            .sql(
                ") AS later, count(*) FILTER (WHERE given_up_at IS NULL AND locked_by IS NOT NULL) AS running, \
                 count(*) FILTER (WHERE given_up_at IS NOT NULL) AS given_up FROM jobs",
            ),
    )
    .await
}
