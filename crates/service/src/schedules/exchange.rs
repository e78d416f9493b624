//! Schedules as documents: out of one server and into another.

use chrono::TimeDelta;
use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ScheduleStepId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::schedule::{Action, Condition, MAX_STEPS, Trigger};
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use panel_storage::schedules as rows;

use super::create::insert;
use super::steps::too_many;
use super::{
    CreateSchedule, Schedule, check_condition_files, check_step, executor, read, schedule_of,
    stored,
};
use crate::authorize::Authorized;
use crate::cx::Cx;
use crate::error::Error;
use crate::keys::ServerFacts;

/// A schedule with its steps, without what belongs to its server.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Its name.
    pub name: String,
    /// Whether its triggers start it.
    pub enabled: bool,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// What has to hold when it starts.
    pub condition: Condition,
    /// Its steps.
    pub steps: Vec<ExportedStep>,
}

/// A step of an [`Exported`] schedule.
#[derive(Debug, Clone)]
pub struct ExportedStep {
    /// What it does.
    pub action: Action,
    /// Where it stands.
    pub order: i32,
}

/// A schedule as a document.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn export(cx: &Cx, server: ServerRef, id: ScheduleId) -> Result<Exported, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesRead, ServerAction::View)
        .await?;
    load(cx, allowed.resource(), id).await
}

/// A schedule out of a document. Its steps are the caller's: they need what [`super::add_step`] needs for each.
///
/// # Errors
/// As [`super::create`] and [`super::add_step`].
pub async fn import(cx: &Cx, server: ServerRef, document: Exported) -> Result<Schedule, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesCreate, ServerAction::Use)
        .await?;
    write(cx, &allowed, document, Event::ScheduleImport).await
}

/// Adds a copy of a schedule under another name.
///
/// # Errors
/// As [`import`].
pub async fn duplicate(
    cx: &Cx,
    server: ServerRef,
    id: ScheduleId,
    name: String,
) -> Result<Schedule, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesCreate, ServerAction::Use)
        .await?;
    let document = Exported {
        name,
        ..load(cx, allowed.resource(), id).await?
    };
    write(cx, &allowed, document, Event::ScheduleCreate).await
}

async fn load(cx: &Cx, server: &ServerFacts, id: ScheduleId) -> Result<Exported, Error> {
    let mut conn = cx.read_primary().await?;
    let row = schedule_of(&mut conn, server.id, id).await?;
    let steps = rows::steps(&mut conn, id).await?;
    Ok(Exported {
        name: row.name,
        enabled: row.enabled,
        triggers: read(row.triggers)?,
        condition: read(row.condition)?,
        steps: steps
            .into_iter()
            .map(|step| {
                Ok(ExportedStep {
                    action: read(step.action)?,
                    order: step.position,
                })
            })
            .collect::<Result<_, Error>>()?,
    })
}

async fn write(
    cx: &Cx,
    allowed: &Authorized<ServerFacts>,
    document: Exported,
    event: Event,
) -> Result<Schedule, Error> {
    let server = allowed.resource();
    let executor = executor(cx, server.node).await?;
    if document.steps.len() > MAX_STEPS {
        return Err(too_many());
    }
    let schedule = CreateSchedule {
        name: document.name,
        enabled: document.enabled,
        triggers: document.triggers,
        condition: document.condition,
    };
    check_condition_files(cx, allowed, Some(&schedule.condition))?;
    let mut invalid = Invalid::new();
    schedule.check(executor, cx, &mut invalid);
    for (i, step) in document.steps.iter().enumerate() {
        invalid.require(
            step.order >= 0,
            &format!("steps.{i}.order"),
            "must not be negative",
        );
    }
    invalid.finish()?;
    for (i, step) in document.steps.iter().enumerate() {
        let field = format!("steps.{i}.action");
        check_step(cx, allowed, &field, &step.action, executor)?;
    }
    let row = schedule.row(cx, server.id)?;
    let steps = document
        .steps
        .iter()
        .zip(0..)
        .map(|(step, i)| {
            Ok(rows::ScheduleStep {
                id: ScheduleStepId::new_v4(),
                schedule_id: row.id,
                author_id: cx.actor().user_id(),
                position: step.order,
                action: stored(&step.action)?,
                error: None,
                // Later than the one before, which may stand at the same place.
                created_at: row.created_at + TimeDelta::microseconds(i),
            })
        })
        .collect::<Result<_, Error>>()?;
    insert(cx, executor, row, steps, event).await
}
