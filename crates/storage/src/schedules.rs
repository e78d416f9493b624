//! Schedules of servers, their steps, and their runs by the panel.

mod plan;
mod runs;
mod steps;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use panel_domain::id::{NodeId, ScheduleId, ServerId};
use serde_json::Value;
use uuid::Uuid;

pub use plan::{DueSchedule, Planned, lock_due, record_plan, replan_node, replan_server};
pub use runs::{
    NewRun, Run, RunEnd, abort, claim_run, delete_finished_runs, expire_runs, finish_run, last_run,
    save_run, set_deadline, start_runs,
};
pub use steps::{
    ScheduleStep, StepChanges, count_steps, delete_step, find_step, insert_steps, order_steps,
    record_errors, steps, steps_of_many, steps_on_node, update_step,
};

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{schedules, servers};
use crate::types::contains;

/// A schedule.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = schedules, check_for_backend(Pg))]
pub struct Schedule {
    #[diesel(deserialize_as = Uuid)]
    pub id: ScheduleId,
    #[diesel(deserialize_as = Uuid)]
    pub server_id: ServerId,
    pub name: String,
    pub enabled: bool,
    pub triggers: Value,
    pub condition: Value,
    pub considered_until: DateTime<Utc>,
    pub plan_at: Option<DateTime<Utc>>,
    pub last_run_at: Option<DateTime<Utc>>,
    pub last_failure_at: Option<DateTime<Utc>>,
    pub missed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// The constraint that a server's schedules have different names.
pub const NAME_KEY: &str = "schedules_name_key";

/// One page of a server's schedules by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    server: ServerId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Schedule>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        schedules::table
            .filter(schedules::server_id.eq(server.uuid()))
            .filter(schedules::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((schedules::name, schedules::id))
            .offset(offset)
            .limit(limit)
            .select(Schedule::as_select()),
    )
    .await
}

/// The schedule of this id, if it is the server's.
pub async fn find(
    conn: &mut impl Readable,
    server: ServerId,
    id: ScheduleId,
) -> Result<Option<Schedule>, Error> {
    conn.optional(
        schedules::table
            .find(id.uuid())
            .filter(schedules::server_id.eq(server.uuid()))
            .select(Schedule::as_select()),
    )
    .await
}

/// How many schedules a server has.
pub async fn count(conn: &mut impl Readable, server: ServerId) -> Result<i64, Error> {
    conn.first(
        schedules::table
            .filter(schedules::server_id.eq(server.uuid()))
            .count(),
    )
    .await
}

/// The enabled schedules of these servers.
pub async fn enabled_of_many(
    conn: &mut impl Readable,
    servers: &[ServerId],
) -> Result<Vec<Schedule>, Error> {
    let servers: Vec<Uuid> = servers.iter().map(|id| id.uuid()).collect();
    conn.load(
        schedules::table
            .filter(schedules::server_id.eq_any(servers))
            .filter(schedules::enabled)
            .order((schedules::created_at, schedules::id))
            .select(Schedule::as_select()),
    )
    .await
}

/// Adds a schedule.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_KEY`].
pub async fn insert(tx: &mut Tx, schedule: &Schedule) -> Result<(), Error> {
    tx.execute(diesel::insert_into(schedules::table).values((
        schedules::id.eq(schedule.id.uuid()),
        schedules::server_id.eq(schedule.server_id.uuid()),
        schedules::name.eq(schedule.name.clone()),
        schedules::enabled.eq(schedule.enabled),
        schedules::triggers.eq(schedule.triggers.clone()),
        schedules::condition.eq(schedule.condition.clone()),
        schedules::considered_until.eq(schedule.considered_until),
        schedules::plan_at.eq(schedule.plan_at),
        schedules::created_at.eq(schedule.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes of a schedule: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = schedules, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct ScheduleChanges {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub triggers: Option<Value>,
    pub condition: Option<Value>,
    pub considered_until: Option<DateTime<Utc>>,
    pub plan_at: Option<Option<DateTime<Utc>>>,
}

/// Changes a schedule of a server. `false`: it has none of this id.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_KEY`].
pub async fn update(
    tx: &mut Tx,
    server: ServerId,
    id: ScheduleId,
    changes: &ScheduleChanges,
) -> Result<bool, Error> {
    let row = schedules::table
        .find(id.uuid())
        .filter(schedules::server_id.eq(server.uuid()));
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Deletes a schedule of a server with its steps and runs. `false`: it has none of this id.
pub async fn delete(tx: &mut Tx, server: ServerId, id: ScheduleId) -> Result<bool, Error> {
    let row = schedules::table
        .find(id.uuid())
        .filter(schedules::server_id.eq(server.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Locks a schedule of a server until the transaction ends; whoever counts or orders its steps holds it.
pub async fn lock(
    tx: &mut Tx,
    server: ServerId,
    id: ScheduleId,
) -> Result<Option<Schedule>, Error> {
    tx.optional(
        schedules::table
            .find(id.uuid())
            .filter(schedules::server_id.eq(server.uuid()))
            .select(Schedule::as_select())
            .for_update(),
    )
    .await
}

/// Notes how a run ended that the panel or a node has reported. A time that lies before the one known changes nothing.
pub async fn record_end(
    tx: &mut Tx,
    server: ServerId,
    id: ScheduleId,
    at: DateTime<Utc>,
    successful: bool,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            Sql::new("UPDATE schedules SET last_run_at = greatest(last_run_at, ")
                .bind::<Timestamptz, _>(at)
                .sql("), last_failure_at = CASE WHEN ")
                .bind::<Bool, _>(successful)
                .sql(" THEN last_failure_at ELSE greatest(last_failure_at, ")
                .bind::<Timestamptz, _>(at)
                .sql(") END WHERE id = ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(" AND server_id = ")
                .bind::<SqlUuid, _>(server.uuid()),
        )
        .await?;
    Ok(changed > 0)
}

/// Which of these schedules are of servers on this node, with their servers.
pub async fn of_node(
    conn: &mut impl Readable,
    node: NodeId,
    ids: &[ScheduleId],
) -> Result<Vec<(ScheduleId, ServerId)>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<(Uuid, Uuid)> = conn
        .load(
            schedules::table
                .inner_join(servers::table)
                .filter(schedules::id.eq_any(ids))
                .filter(servers::node_id.eq(node.uuid()))
                .select((schedules::id, schedules::server_id)),
        )
        .await?;
    Ok(found
        .into_iter()
        .map(|(schedule, server)| (schedule.into(), server.into()))
        .collect())
}
