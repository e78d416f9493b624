//! Runs of schedules by the panel.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use panel_domain::id::{ScheduleId, ScheduleRunId, ServerId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{LateSql, ReadSql, Readable, Sql, Tx};
use crate::error::Error;

/// A run of a schedule, with what it is about.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Run {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub schedule_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub server_id: Uuid,
    #[diesel(sql_type = Text)]
    pub schedule_name: String,
    #[diesel(sql_type = Jsonb)]
    pub condition: Value,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub slot: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub skip_condition: bool,
    #[diesel(sql_type = SmallInt)]
    pub depth: i16,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Jsonb)]
    pub steps: Value,
    #[diesel(sql_type = Jsonb)]
    pub progress: Value,
    #[diesel(sql_type = BigInt)]
    pub fence: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub deadline_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// A run that is to begin.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct NewRun {
    pub id: ScheduleRunId,
    pub schedule_id: ScheduleId,
    pub cause: &'static str,
    pub slot: Option<DateTime<Utc>>,
    pub skip_condition: bool,
    pub depth: i16,
    pub deadline_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

const STEPS: &str = "coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'author', t.author_id, 'action', t.action) \
                     ORDER BY t.position, t.created_at, t.id) FROM schedule_steps t WHERE t.schedule_id = n.schedule_id), '[]')";

/// Begins runs, each with the steps that its schedule has now. One whose time was run already, or whose schedule is being run, is
/// not begun. Gives the ids of those that are.
pub async fn start_runs(tx: &mut Tx, runs: &[NewRun]) -> Result<Vec<ScheduleRunId>, Error> {
    let begun: Vec<Id> = tx
        .load(
            Sql::new(
                "INSERT INTO schedule_runs (id, schedule_id, cause, slot, skip_condition, depth, state, steps, deadline_at, \
                 created_at) SELECT n.id, n.schedule_id, n.cause, n.slot, n.skip_condition, n.depth, 'queued', ",
            )
            .sql(STEPS)
            .sql(", n.deadline_at, n.created_at FROM unnest(")
            .bind::<Array<SqlUuid>, _>(column(runs, |run| run.id.uuid()))
            .sql(", ")
            .bind::<Array<SqlUuid>, _>(column(runs, |run| run.schedule_id.uuid()))
            .sql(", ")
            .bind::<Array<Text>, _>(column(runs, |run| run.cause.to_owned()))
            .sql(", ")
            .bind::<Array<Nullable<Timestamptz>>, _>(column(runs, |run| run.slot))
            .sql(", ")
            .bind::<Array<Bool>, _>(column(runs, |run| run.skip_condition))
            .sql(", ")
            .bind::<Array<SmallInt>, _>(column(runs, |run| run.depth))
            .sql(", ")
            .bind::<Array<Timestamptz>, _>(column(runs, |run| run.deadline_at))
            .sql(", ")
            .bind::<Array<Timestamptz>, _>(column(runs, |run| run.created_at))
            .sql(
                ") AS n (id, schedule_id, cause, slot, skip_condition, depth, deadline_at, created_at) \
                 ON CONFLICT DO NOTHING RETURNING id",
            ),
        )
        .await?;
    Ok(begun.into_iter().map(|row| row.id.into()).collect())
}

fn column<T>(runs: &[NewRun], value: impl Fn(&NewRun) -> T) -> Vec<T> {
    runs.iter().map(value).collect()
}

const COLUMNS: &str = "r.id, r.schedule_id, s.server_id, s.name AS schedule_name, s.condition, r.slot, r.skip_condition, r.depth, \
                       r.state, r.steps, r.progress, r.fence, r.called_at, r.deadline_at, r.created_at, r.finished_at";

/// Takes over a run that is open: whoever worked on it before changes nothing any more. `None`: it has ended, or is gone.
pub async fn claim_run(tx: &mut Tx, id: ScheduleRunId) -> Result<Option<Run>, Error> {
    tx.optional(
        Sql::new(
            "UPDATE schedule_runs r SET fence = r.fence + 1, state = 'running' FROM schedules s \
             WHERE s.id = r.schedule_id AND r.finished_at IS NULL AND r.id = ",
        )
        .bind::<SqlUuid, _>(id.uuid())
        .sql(" RETURNING ")
        .sql(COLUMNS),
    )
    .await
}

/// Writes down how far a run is, and whether a node is about to be called for the step at hand. `false`: somebody else has the
/// run now, or it has ended.
pub async fn save_run(
    tx: &mut Tx,
    id: ScheduleRunId,
    fence: i64,
    progress: &Value,
    called_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            Sql::new("UPDATE schedule_runs SET progress = ")
                .bind::<Jsonb, _>(progress.clone())
                .sql(", called_at = ")
                .bind::<Nullable<Timestamptz>, _>(called_at)
                .sql(" WHERE finished_at IS NULL AND id = ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(" AND fence = ")
                .bind::<BigInt, _>(fence),
        )
        .await?;
    Ok(changed > 0)
}

/// Gives a run another deadline. `false`: somebody else has it now, or it has ended.
pub async fn set_deadline(
    tx: &mut Tx,
    id: ScheduleRunId,
    fence: i64,
    deadline: DateTime<Utc>,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            Sql::new("UPDATE schedule_runs SET deadline_at = ")
                .bind::<Timestamptz, _>(deadline)
                .sql(" WHERE finished_at IS NULL AND id = ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(" AND fence = ")
                .bind::<BigInt, _>(fence),
        )
        .await?;
    Ok(changed > 0)
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunEnd {
    /// Name of its state.
    pub state: &'static str,
    /// What was in the way, if something was.
    pub error: Option<String>,
    /// How far it was.
    pub progress: Value,
}

/// Ends a run. `false`: somebody else has it now, or it has ended.
pub async fn finish_run(
    tx: &mut Tx,
    id: ScheduleRunId,
    fence: i64,
    end: &RunEnd,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            Sql::new("UPDATE schedule_runs SET state = ")
                .bind::<Text, _>(end.state.to_owned())
                .sql(", error = ")
                .bind::<Nullable<Text>, _>(end.error.clone())
                .sql(", progress = ")
                .bind::<Jsonb, _>(end.progress.clone())
                .sql(", called_at = NULL, finished_at = ")
                .bind::<Timestamptz, _>(now)
                .sql(" WHERE finished_at IS NULL AND id = ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(" AND fence = ")
                .bind::<BigInt, _>(fence),
        )
        .await?;
    Ok(changed > 0)
}

/// Ends whatever run of a schedule is open, with COMMIT. Whoever works on it changes nothing any more.
pub fn abort(tx: &mut Tx, schedule: ScheduleId, now: DateTime<Utc>) {
    tx.at_commit(
        LateSql::new(
            "UPDATE schedule_runs SET state = 'cancelled', fence = fence + 1, finished_at = ",
        )
        .value(now)
        .sql(" WHERE finished_at IS NULL AND schedule_id = ")
        .value(schedule.uuid()),
    );
}

/// The run of a schedule that began last.
pub async fn last_run(
    conn: &mut impl Readable,
    server: ServerId,
    schedule: ScheduleId,
) -> Result<Option<Run>, Error> {
    conn.optional(
        ReadSql::select(COLUMNS)
            .sql(" FROM schedule_runs r JOIN schedules s ON s.id = r.schedule_id WHERE s.server_id = ")
            .bind::<SqlUuid, _>(server.uuid())
            .sql(" AND r.schedule_id = ")
            .bind::<SqlUuid, _>(schedule.uuid())
            .sql(" ORDER BY r.created_at DESC, r.id LIMIT 1"),
    )
    .await
}

/// Ends up to `limit` runs whose deadline has passed, as failures of their schedules; gives how many.
pub async fn expire_runs(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
    let ended: Vec<Id> = tx
        .load(
            Sql::new(
                "WITH ended AS (UPDATE schedule_runs SET state = 'failed', error = 'not done by its deadline', fence = fence + 1, \
                 finished_at = ",
            )
            .bind::<Timestamptz, _>(now)
            .sql(" WHERE id IN (SELECT id FROM schedule_runs WHERE finished_at IS NULL AND deadline_at <= ")
            .bind::<Timestamptz, _>(now)
            .sql(" LIMIT ")
            .bind::<BigInt, _>(limit)
            .sql(
                " FOR UPDATE SKIP LOCKED) RETURNING schedule_id) UPDATE schedules s SET last_run_at = greatest(s.last_run_at, ",
            )
            .bind::<Timestamptz, _>(now)
            .sql("), last_failure_at = greatest(s.last_failure_at, ")
            .bind::<Timestamptz, _>(now)
            .sql(") FROM ended WHERE s.id = ended.schedule_id RETURNING s.id"),
        )
        .await?;
    Ok(ended.len())
}

/// Deletes up to `limit` runs that ended before `before`; gives how many.
pub async fn delete_finished_runs(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<usize, Error> {
    tx.execute(
        Sql::new(
            "DELETE FROM schedule_runs WHERE id IN (SELECT id FROM schedule_runs WHERE finished_at < ",
        )
        .bind::<Timestamptz, _>(before)
        .sql(" ORDER BY finished_at LIMIT ")
        .bind::<BigInt, _>(limit)
        .sql(")"),
    )
    .await
}
