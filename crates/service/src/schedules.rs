//! Schedules of servers: what their users do with them. The panel's worker plans and runs those of nodes that do not; see
//! `operations::plan_schedules` and `operations::run_schedule`.

mod create;
mod delete;
mod exchange;
mod read;
mod run;
mod steps;
mod update;

pub use create::{CreateSchedule, create};
pub use delete::delete;
pub use exchange::{Exported, ExportedStep, duplicate, export, import};
pub use read::{get, list};
pub(crate) use run::TIME_TO_BEGIN;
pub use run::{RunStatus, abort, status, trigger};
pub use steps::{
    ChangeStep, NewStep, add_step, change_step, delete_step, duplicate_step, order_steps, steps,
};
pub use update::{ChangeSchedule, update};

use chrono::{DateTime, Utc};
use panel_domain::actor::{Actor, Credential, UserActor};
use panel_domain::id::{NodeId, ScheduleId, ScheduleStepId, ServerId, ServerRef, UserId};
use panel_domain::permission::{Permission as _, ServerPermission};
use panel_domain::policy::Denial;
use panel_domain::schedule::{
    Action, Condition, Executor, Timetable, Trigger, action_permissions, check_action, zone_of,
};
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use panel_storage::schedules as rows;
use panel_storage::{ReadConn, Readable, Tx, roles, servers, users};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::actor_of;
use crate::authorize::Authorized;
use crate::cx::Cx;
use crate::error::Error;
use crate::keys::ServerFacts;
use crate::node_calls;
use crate::servers::sync_node;

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Its name, unique on the server.
    pub name: String,
    /// Whether its triggers start it.
    pub enabled: bool,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// What has to hold when it starts.
    pub condition: Condition,
    /// When it last ran.
    pub last_run: Option<DateTime<Utc>>,
    /// When it last failed.
    pub last_failure: Option<DateTime<Utc>>,
    /// The first of the times that it was not run at, when the panel was away or the run before had not ended.
    pub last_missed: Option<DateTime<Utc>>,
    /// When its pattern next starts it.
    pub next_run: Option<DateTime<Utc>>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A step of a schedule.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id.
    pub id: ScheduleStepId,
    /// What it does.
    pub action: Action,
    /// Where it stands.
    pub order: i32,
    /// Why it failed when it was last done.
    pub error: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

impl Schedule {
    /// A row as a schedule of a server with this time zone.
    fn of(row: rows::Schedule, zone: Option<&str>, now: DateTime<Utc>) -> Result<Self, Error> {
        let triggers: Vec<Trigger> = read(row.triggers)?;
        let next_run = row
            .enabled
            .then(|| Timetable::of(&triggers, zone_of(zone)).next_after(now))
            .flatten();
        Ok(Self {
            id: row.id,
            name: row.name,
            enabled: row.enabled,
            condition: read(row.condition)?,
            triggers,
            last_run: row.last_run_at,
            last_failure: row.last_failure_at,
            last_missed: row.missed_at,
            next_run,
            created: row.created_at,
        })
    }
}

impl TryFrom<rows::ScheduleStep> for Step {
    type Error = Error;

    fn try_from(row: rows::ScheduleStep) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            action: read(row.action)?,
            order: row.position,
            error: row.error,
            created: row.created_at,
        })
    }
}

/// What was stored, as it was.
pub(crate) fn read<T: DeserializeOwned>(stored: Value) -> Result<T, Error> {
    serde_json::from_value(stored).map_err(Error::internal)
}

/// As it is stored.
pub(crate) fn stored(value: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}

/// Who runs the schedules of a node's servers.
pub(crate) async fn executor(cx: &Cx, node: NodeId) -> Result<Executor, Error> {
    Ok(node_calls::node(cx, node).await?.executor)
}

/// What a change of schedules works with.
struct Change {
    server: ServerId,
    executor: Executor,
    /// What the caller may do on the server.
    allowed: Authorized<ServerFacts>,
    now: DateTime<Utc>,
}

/// Lets in who may change schedules of the server, and finds out who runs them.
async fn begin_change(cx: &Cx, server: ServerRef) -> Result<Change, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesUpdate, ServerAction::Use)
        .await?;
    let facts = allowed.resource();
    Ok(Change {
        server: facts.id,
        executor: executor(cx, facts.node).await?,
        now: cx.now(),
        allowed,
    })
}

/// Has the node read the server again, when it runs the schedules itself.
fn tell_node(
    tx: &mut Tx,
    executor: Executor,
    server: ServerId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if executor == Executor::Panel {
        return Ok(());
    }
    sync_node(tx, server, now)
}

/// When the planner is to look at a schedule that has just been made or changed. It finds out by itself whether the panel runs it.
fn plan_at(enabled: bool, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    enabled.then_some(now)
}

/// Notes what is wrong with the triggers and condition of a schedule that `executor` would run.
fn check_start(
    triggers: Option<&[Trigger]>,
    condition: Option<&Condition>,
    executor: Executor,
    now: DateTime<Utc>,
    invalid: &mut Invalid,
) {
    if let Some(triggers) = triggers {
        panel_domain::schedule::check_triggers(triggers, now, invalid);
        for (i, trigger) in triggers.iter().enumerate() {
            invalid.take(&format!("triggers.{i}"), executor.supports_trigger(trigger));
        }
    }
    if let Some(condition) = condition {
        panel_domain::schedule::check_condition("condition", condition, invalid);
        invalid.take("condition", executor.supports_condition(condition));
    }
}

/// That the caller may have a schedule do this, and that whoever runs the schedule can.
fn check_step(
    cx: &Cx,
    allowed: &Authorized<ServerFacts>,
    field: &str,
    action: &Action,
    executor: Executor,
) -> Result<(), Error> {
    let held = allowed.permissions();
    if let Some(needed) = action_permissions(action).find(|needed| !held.contains(*needed)) {
        return Err(Denial::Missing(needed.key()).into());
    }
    if action.touches_files() {
        sees_all_files(allowed.resource(), cx.actor())?;
    }
    let mut invalid = Invalid::new();
    check_action(field, action, &mut invalid);
    invalid.take(field, executor.supports_action(action));
    Ok(invalid.finish()?)
}

/// That no files are hidden from somebody. Schedules work with the daemon's own rights, which knows of nothing hidden then, so steps and
/// conditions with files are for those who see all of them.
pub(crate) fn sees_all_files(server: &ServerFacts, actor: &Actor) -> Result<(), Error> {
    if server.ignored_files_of(actor).is_empty() {
        return Ok(());
    }
    Err(Error::Denied {
        code: "files_hidden",
        message: "some files of this server are hidden from you, and a schedule would reach them"
            .to_owned(),
    })
}

/// As [`sees_all_files`], for the condition of a schedule.
fn check_condition_files(
    cx: &Cx,
    allowed: &Authorized<ServerFacts>,
    condition: Option<&Condition>,
) -> Result<(), Error> {
    if condition.is_some_and(|condition| !condition.asks_files().is_empty()) {
        sees_all_files(allowed.resource(), cx.actor())?;
    }
    Ok(())
}

/// The schedule of a server.
async fn schedule_of(
    conn: &mut impl Readable,
    server: ServerId,
    id: ScheduleId,
) -> Result<rows::Schedule, Error> {
    rows::find(conn, server, id)
        .await?
        .ok_or(Error::not_found("schedule"))
}

/// The schedule of a server, locked until the transaction ends.
async fn lock(tx: &mut Tx, server: ServerId, id: ScheduleId) -> Result<rows::Schedule, Error> {
    rows::lock(tx, server, id)
        .await?
        .ok_or(Error::not_found("schedule"))
}

/// Whoever wrote a step, with what they may do now; `None` when their account is gone.
pub(crate) async fn author_of(
    conn: &mut ReadConn,
    author: UserId,
) -> Result<Option<UserActor>, Error> {
    let Some(user) = users::find(conn, author).await? else {
        return Ok(None);
    };
    let role = match user.role_id {
        Some(role) => roles::find(conn, role).await?,
        None => None,
    };
    Ok(Some(actor_of(&user, role.as_ref(), Credential::Schedule)))
}

/// What a server's own clock shows, if it has one.
async fn zone_of_server(
    conn: &mut impl Readable,
    server: ServerId,
) -> Result<Option<String>, Error> {
    let row = servers::find(conn, servers::Scope::All, server).await?;
    Ok(row.ok_or(Error::not_found("server"))?.timezone)
}

/// What a name that another schedule of the server has is answered.
const NAME_TAKEN: &str = "is the name of another schedule of this server";
