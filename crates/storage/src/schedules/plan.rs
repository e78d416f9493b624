//! Which schedules are due.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use panel_domain::id::{NodeId, ServerId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{LateSql, Sql, Tx};
use crate::error::Error;

/// A schedule to look at, and what decides when it is due.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct DueSchedule {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Jsonb)]
    pub triggers: Value,
    #[diesel(sql_type = Timestamptz)]
    pub considered_until: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub timezone: Option<String>,
    /// Of the server's node.
    #[diesel(sql_type = Nullable<Text>)]
    pub flavour: Option<String>,
}

/// Locks up to `limit` schedules that are to be looked at by `now` and that nobody else looks at.
pub async fn lock_due(
    tx: &mut Tx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DueSchedule>, Error> {
    tx.load(
        Sql::new(
            "SELECT s.id, s.triggers, s.considered_until, v.timezone, n.flavour FROM schedules s \
             JOIN servers v ON v.id = s.server_id JOIN nodes n ON n.id = v.node_id WHERE s.plan_at <= ",
        )
        .bind::<Timestamptz, _>(now)
        .sql(" ORDER BY s.plan_at, s.id LIMIT ")
        .bind::<BigInt, _>(limit)
        .sql(" FOR UPDATE OF s SKIP LOCKED"),
    )
    .await
}

/// What was found out about a schedule.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Which.
    pub id: Uuid,
    /// The times at which it was due are dealt with up to here.
    pub considered_until: DateTime<Utc>,
    /// When to look at it again.
    pub plan_at: Option<DateTime<Utc>>,
    /// The first time that was left out, if any was.
    pub missed_at: Option<DateTime<Utc>>,
}

/// Writes down what was found out about schedules that this transaction has locked.
pub async fn record_plan(tx: &mut Tx, planned: &[Planned]) -> Result<(), Error> {
    let ids: Vec<Uuid> = planned.iter().map(|one| one.id).collect();
    let considered: Vec<_> = planned.iter().map(|one| one.considered_until).collect();
    let plan_at: Vec<_> = planned.iter().map(|one| one.plan_at).collect();
    let missed: Vec<_> = planned.iter().map(|one| one.missed_at).collect();
    tx.execute(
        Sql::new(
            "UPDATE schedules s SET considered_until = greatest(s.considered_until, p.considered_until), plan_at = p.plan_at, \
             missed_at = coalesce(p.missed_at, s.missed_at) FROM unnest(",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .sql(", ")
        .bind::<Array<Timestamptz>, _>(considered)
        .sql(", ")
        .bind::<Array<Nullable<Timestamptz>>, _>(plan_at)
        .sql(", ")
        .bind::<Array<Nullable<Timestamptz>>, _>(missed)
        .sql(") AS p (id, considered_until, plan_at, missed_at) WHERE s.id = p.id"),
    )
    .await?;
    Ok(())
}

/// Has the planner look at the schedules of a server, whose time zone or node is another now, with COMMIT. What was due before
/// `now` is not due by the new one.
pub fn replan_server(tx: &mut Tx, server: ServerId, now: DateTime<Utc>) {
    tx.at_commit(
        LateSql::new("UPDATE schedules SET plan_at = ")
            .value(now)
            .sql(", considered_until = greatest(considered_until, ")
            .value(now)
            .sql(") WHERE enabled AND server_id = ")
            .value(server.uuid()),
    );
}

/// Has the planner look at the schedules of a node's servers, because another daemon runs there now, with COMMIT.
pub fn replan_node(tx: &mut Tx, node: NodeId, now: DateTime<Utc>) {
    tx.at_commit(
        LateSql::new("UPDATE schedules s SET plan_at = ")
            .value(now)
            .sql(", considered_until = greatest(s.considered_until, ")
            .value(now)
            .sql(") FROM servers v WHERE s.enabled AND s.server_id = v.id AND v.node_id = ")
            .value(node.uuid()),
    );
}
