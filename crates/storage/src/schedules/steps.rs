//! What schedules do.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Uuid as SqlUuid};
use panel_domain::id::{NodeId, ScheduleId, ScheduleStepId, ServerId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{LateSql, Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{schedule_steps, schedules, servers};
use crate::types::Nullable;

/// A step of a schedule.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = schedule_steps, check_for_backend(Pg))]
pub struct ScheduleStep {
    #[diesel(deserialize_as = Uuid)]
    pub id: ScheduleStepId,
    #[diesel(deserialize_as = Uuid)]
    pub schedule_id: ScheduleId,
    #[diesel(deserialize_as = Nullable<UserId>)]
    pub author_id: Option<UserId>,
    pub position: i32,
    pub action: Value,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// The steps of a schedule, in their order.
pub async fn steps(
    conn: &mut impl Readable,
    schedule: ScheduleId,
) -> Result<Vec<ScheduleStep>, Error> {
    steps_of_many(conn, &[schedule]).await
}

/// The steps of these schedules, each schedule's in their order.
pub async fn steps_of_many(
    conn: &mut impl Readable,
    schedules: &[ScheduleId],
) -> Result<Vec<ScheduleStep>, Error> {
    let schedules: Vec<Uuid> = schedules.iter().map(|id| id.uuid()).collect();
    conn.load(
        schedule_steps::table
            .filter(schedule_steps::schedule_id.eq_any(schedules))
            .order((
                schedule_steps::schedule_id,
                schedule_steps::position,
                schedule_steps::created_at,
                schedule_steps::id,
            ))
            .select(ScheduleStep::as_select()),
    )
    .await
}

/// The steps of the enabled schedules of a server, if it is on this node; one on its way there is not yet.
pub async fn steps_on_node(
    conn: &mut impl Readable,
    node: NodeId,
    server: ServerId,
) -> Result<Vec<ScheduleStep>, Error> {
    conn.load(
        schedule_steps::table
            .inner_join(schedules::table.inner_join(servers::table))
            .filter(servers::id.eq(server.uuid()))
            .filter(servers::node_id.eq(node.uuid()))
            .filter(schedules::enabled)
            .order((schedule_steps::position, schedule_steps::id))
            .select(ScheduleStep::as_select()),
    )
    .await
}

/// The step of this id, if it is the schedule's.
pub async fn find_step(
    conn: &mut impl Readable,
    schedule: ScheduleId,
    id: ScheduleStepId,
) -> Result<Option<ScheduleStep>, Error> {
    conn.optional(
        schedule_steps::table
            .find(id.uuid())
            .filter(schedule_steps::schedule_id.eq(schedule.uuid()))
            .select(ScheduleStep::as_select()),
    )
    .await
}

/// How many steps a schedule has.
pub async fn count_steps(conn: &mut impl Readable, schedule: ScheduleId) -> Result<i64, Error> {
    conn.first(
        schedule_steps::table
            .filter(schedule_steps::schedule_id.eq(schedule.uuid()))
            .count(),
    )
    .await
}

/// Adds steps with COMMIT.
pub fn insert_steps(tx: &mut Tx, steps: &[ScheduleStep]) {
    for step in steps {
        tx.at_commit(
            LateSql::new(
                "INSERT INTO schedule_steps (id, schedule_id, author_id, position, action, created_at) VALUES (",
            )
            .value(step.id.uuid())
            .sql(",")
            .value(step.schedule_id.uuid())
            .sql(",")
            .value(step.author_id.map(UserId::uuid))
            .sql(",")
            .value(step.position)
            .sql(",")
            .value(&step.action)
            .sql(",")
            .value(step.created_at)
            .sql(")"),
        );
    }
}

/// Changes of a step: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = schedule_steps, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct StepChanges {
    pub author_id: Option<Option<Uuid>>,
    pub position: Option<i32>,
    pub action: Option<Value>,
    pub error: Option<Option<String>>,
}

/// Changes a step of a schedule. `false`: it has none of this id.
pub async fn update_step(
    tx: &mut Tx,
    schedule: ScheduleId,
    id: ScheduleStepId,
    changes: &StepChanges,
) -> Result<bool, Error> {
    let row = schedule_steps::table
        .find(id.uuid())
        .filter(schedule_steps::schedule_id.eq(schedule.uuid()));
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Deletes a step of a schedule. `false`: it has none of this id.
pub async fn delete_step(
    tx: &mut Tx,
    schedule: ScheduleId,
    id: ScheduleStepId,
) -> Result<bool, Error> {
    let row = schedule_steps::table
        .find(id.uuid())
        .filter(schedule_steps::schedule_id.eq(schedule.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Puts the steps of a schedule into this order; those that are not named come after, as they were. Gives how many of the named
/// are the schedule's.
pub async fn order_steps(
    tx: &mut Tx,
    schedule: ScheduleId,
    order: &[ScheduleStepId],
) -> Result<usize, Error> {
    let ids: Vec<Uuid> = order.iter().map(|id| id.uuid()).collect();
    let named = tx
        .load::<_, Uuid>(
            schedule_steps::table
                .filter(schedule_steps::schedule_id.eq(schedule.uuid()))
                .filter(schedule_steps::id.eq_any(ids.clone()))
                .select(schedule_steps::id),
        )
        .await?
        .len();
    tx.execute(
        Sql::new(
            "UPDATE schedule_steps s SET position = o.position FROM (SELECT id, row_number() OVER \
             (ORDER BY array_position(",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .sql(", id) NULLS LAST, position, created_at, id)::int - 1 AS position FROM schedule_steps WHERE schedule_id = ")
        .bind::<SqlUuid, _>(schedule.uuid())
        .sql(") o WHERE s.id = o.id AND s.position <> o.position"),
    )
    .await?;
    Ok(named)
}

/// Writes down which steps of a schedule failed in its last run, as an object of messages by their ids; the others did not.
pub async fn record_errors(tx: &mut Tx, schedule: ScheduleId, errors: &Value) -> Result<(), Error> {
    tx.execute(
        Sql::new("UPDATE schedule_steps SET error = left(")
            .bind::<Jsonb, _>(errors.clone())
            .sql(" ->> id::text, 1024) WHERE schedule_id = ")
            .bind::<SqlUuid, _>(schedule.uuid())
            .sql(" AND error IS DISTINCT FROM left(")
            .bind::<Jsonb, _>(errors.clone())
            .sql(" ->> id::text, 1024)"),
    )
    .await?;
    Ok(())
}
