//! Making schedules.

use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::schedule::{Condition, Executor, Trigger, check_name};
use panel_domain::server::{FeatureLimit, FeatureLimits, ServerAction};
use panel_domain::validate::Invalid;
use panel_storage::Tx;
use panel_storage::schedules as rows;
use panel_storage::servers::Server;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{
    NAME_TAKEN, Schedule, check_condition_files, check_start, executor, plan_at, stored, tell_node,
};
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::servers::lock_server;

/// A schedule that is to be made.
#[derive(Debug, Clone)]
pub struct CreateSchedule {
    /// Its name.
    pub name: String,
    /// Whether its triggers start it.
    pub enabled: bool,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// What has to hold when it starts.
    pub condition: Condition,
}

impl CreateSchedule {
    /// Notes what is wrong with it where `executor` would run it.
    pub(super) fn check(&self, executor: Executor, cx: &Cx, invalid: &mut Invalid) {
        check_name("name", &self.name, invalid);
        check_start(
            Some(&self.triggers),
            Some(&self.condition),
            executor,
            cx.now(),
            invalid,
        );
    }

    /// The row of a new schedule.
    pub(super) fn row(&self, cx: &Cx, server: ServerId) -> Result<rows::Schedule, Error> {
        let now = cx.now();
        Ok(rows::Schedule {
            id: ScheduleId::new_v4(),
            server_id: server,
            name: self.name.clone(),
            enabled: self.enabled,
            triggers: stored(&self.triggers)?,
            condition: stored(&self.condition)?,
            considered_until: now,
            plan_at: plan_at(self.enabled, now),
            last_run_at: None,
            last_failure_at: None,
            missed_at: None,
            created_at: now,
        })
    }
}

/// Makes a schedule, without steps.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], also for what the server's node cannot do; [`Error::Taken`] for a
/// name that another has; [`Error::Conflict`] when the server has as many as it may have.
pub async fn create(cx: &Cx, server: ServerRef, input: CreateSchedule) -> Result<Schedule, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesCreate, ServerAction::Use)
        .await?;
    let (id, node) = (allowed.resource().id, allowed.resource().node);
    let executor = executor(cx, node).await?;
    check_condition_files(cx, &allowed, Some(&input.condition))?;
    let mut invalid = Invalid::new();
    input.check(executor, cx, &mut invalid);
    invalid.finish()?;
    let row = input.row(cx, id)?;
    insert(cx, executor, row, Vec::new(), Event::ScheduleCreate).await
}

/// Writes a new schedule with its steps.
pub(super) async fn insert(
    cx: &Cx,
    executor: Executor,
    row: rows::Schedule,
    steps: Vec<rows::ScheduleStep>,
    event: Event,
) -> Result<Schedule, Error> {
    let (server, now) = (row.server_id, cx.now());
    let entry = cx
        .entry(event, json!({ "schedule": &row.name, "uuid": row.id }))
        .on(server);
    let (row, steps, entry) = (&row, &steps, &entry);
    let zone = cx
        .write(|tx| {
            async move {
                let locked = lock_server(tx, server).await?;
                check_room(tx, &locked).await?;
                rows::insert(tx, row)
                    .await
                    .taken(rows::NAME_KEY, "name", NAME_TAKEN)?;
                rows::insert_steps(tx, steps);
                entry.record(tx);
                tell_node(tx, executor, server, now)?;
                Ok(locked.timezone)
            }
            .scope_boxed()
        })
        .await?;
    Schedule::of(row.clone(), zone.as_deref(), now)
}

/// That a server, whose row is locked, may have one more.
async fn check_room(tx: &mut Tx, server: &Server) -> Result<(), Error> {
    let limits = FeatureLimits {
        schedules: server.schedule_limit,
        ..FeatureLimits::default()
    };
    let count = rows::count(tx, server.id).await?;
    if limits.has_room(FeatureLimit::Schedules, count) {
        return Ok(());
    }
    Err(Error::conflict(
        "schedule_limit_reached",
        format!(
            "the server may have {} schedules; an administrator can raise that",
            server.schedule_limit
        ),
    ))
}
