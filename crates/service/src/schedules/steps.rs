//! What schedules do.

use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ScheduleStepId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::schedule::{Action, MAX_STEPS};
use panel_domain::server::ServerAction;
use panel_storage::Tx;
use panel_storage::schedules::{self as rows, StepChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{Change, Step, begin_change, check_step, lock, schedule_of, stored, tell_node};
use crate::cx::Cx;
use crate::error::Error;

/// A step that is to be added.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// What it does.
    pub action: Action,
    /// Where it stands, from 0; after those that stand there already.
    pub order: i32,
}

/// Changes of a step; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeStep {
    /// What it does.
    pub action: Option<Action>,
    /// Where it stands.
    pub order: Option<i32>,
}

/// The steps of a schedule, in their order.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn steps(cx: &Cx, server: ServerRef, id: ScheduleId) -> Result<Vec<Step>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesRead, ServerAction::View)
        .await?;
    let server = allowed.resource().id;
    let mut conn = cx.read().await?;
    schedule_of(&mut conn, server, id).await?;
    let found = rows::steps(&mut conn, id).await?;
    found.into_iter().map(Step::try_from).collect()
}

/// Adds a step. It will be done with what the caller may do on the server at that time.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Denied`] when the caller may not do what the step does; [`Error::Invalid`], also for what the
/// server's node cannot do; [`Error::Conflict`] when the schedule has as many as it may have.
pub async fn add_step(
    cx: &Cx,
    server: ServerRef,
    schedule: ScheduleId,
    input: NewStep,
) -> Result<Step, Error> {
    let Change {
        server,
        executor,
        allowed,
        now,
    } = begin_change(cx, server).await?;
    check_step(cx, &allowed, "action", &input.action, executor)?;
    if input.order < 0 {
        return Err(Error::invalid("order", "must not be negative"));
    }
    let row = rows::ScheduleStep {
        id: ScheduleStepId::new_v4(),
        schedule_id: schedule,
        author_id: cx.actor().user_id(),
        position: input.order,
        action: stored(&input.action)?,
        error: None,
        created_at: now,
    };
    let details = json!({ "schedule_uuid": schedule, "uuid": row.id, "type": input.action.name() });
    let entry = cx.entry(Event::ScheduleStepCreate, details).on(server);
    let (step, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            lock(tx, server, schedule).await?;
            check_room(tx, schedule, 1).await?;
            rows::insert_steps(tx, std::slice::from_ref(step));
            entry.record(tx);
            tell_node(tx, executor, server, now)
        }
        .scope_boxed()
    })
    .await?;
    Step::try_from(row)
}

/// That a schedule, which is locked, may have so many more.
async fn check_room(tx: &mut Tx, schedule: ScheduleId, more: usize) -> Result<(), Error> {
    let count = rows::count_steps(tx, schedule).await?;
    let room = MAX_STEPS.saturating_sub(usize::try_from(count).unwrap_or(MAX_STEPS));
    if more <= room {
        return Ok(());
    }
    Err(too_many())
}

/// The answer to more steps than a schedule may have.
pub(super) fn too_many() -> Error {
    Error::conflict(
        "schedule_step_limit_reached",
        format!("a schedule may have {MAX_STEPS} steps"),
    )
}

/// Changes a step. Who changes what it does becomes its author.
///
/// # Errors
/// As [`add_step`], apart from [`Error::Conflict`].
pub async fn change_step(
    cx: &Cx,
    server: ServerRef,
    schedule: ScheduleId,
    id: ScheduleStepId,
    input: ChangeStep,
) -> Result<(), Error> {
    let Change {
        server,
        executor,
        allowed,
        now,
    } = begin_change(cx, server).await?;
    if let Some(action) = &input.action {
        check_step(cx, &allowed, "action", action, executor)?;
    }
    if input.order.is_some_and(|order| order < 0) {
        return Err(Error::invalid("order", "must not be negative"));
    }
    let changes = StepChanges {
        author_id: input
            .action
            .is_some()
            .then(|| cx.actor().user_id().map(|user| user.uuid())),
        position: input.order,
        error: input.action.is_some().then_some(None),
        action: input.action.as_ref().map(stored).transpose()?,
    };
    let details = json!({ "schedule_uuid": schedule, "uuid": id });
    let entry = cx.entry(Event::ScheduleStepUpdate, details).on(server);
    let is_change = input.action.is_some() || input.order.is_some();
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            lock(tx, server, schedule).await?;
            if !is_change {
                let found = rows::find_step(tx, schedule, id).await?;
                return found.map(|_| ()).ok_or(Error::not_found("schedule step"));
            }
            if !rows::update_step(tx, schedule, id, changes).await? {
                return Err(Error::not_found("schedule step"));
            }
            entry.record(tx);
            tell_node(tx, executor, server, now)
        }
        .scope_boxed()
    })
    .await
}

/// Deletes a step.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn delete_step(
    cx: &Cx,
    server: ServerRef,
    schedule: ScheduleId,
    id: ScheduleStepId,
) -> Result<(), Error> {
    let Change {
        server,
        executor,
        now,
        ..
    } = begin_change(cx, server).await?;
    let details = json!({ "schedule_uuid": schedule, "uuid": id });
    let entry = cx.entry(Event::ScheduleStepDelete, details).on(server);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            lock(tx, server, schedule).await?;
            if !rows::delete_step(tx, schedule, id).await? {
                return Err(Error::not_found("schedule step"));
            }
            entry.record(tx);
            tell_node(tx, executor, server, now)
        }
        .scope_boxed()
    })
    .await
}

/// Adds a copy of a step behind it.
///
/// # Errors
/// As [`add_step`].
pub async fn duplicate_step(
    cx: &Cx,
    server: ServerRef,
    schedule: ScheduleId,
    id: ScheduleStepId,
) -> Result<Step, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesUpdate, ServerAction::Use)
        .await?;
    let (server_id, mut conn) = (allowed.resource().id, cx.read_primary().await?);
    schedule_of(&mut conn, server_id, schedule).await?;
    let found = rows::find_step(&mut conn, schedule, id).await?;
    drop(conn);
    let step = Step::try_from(found.ok_or(Error::not_found("schedule step"))?)?;
    let copy = NewStep {
        action: step.action,
        order: step.order,
    };
    add_step(cx, server, schedule, copy).await
}

/// Puts the steps of a schedule into this order; those that are not named come after.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`] for a step that is not the schedule's, or is named twice.
pub async fn order_steps(
    cx: &Cx,
    server: ServerRef,
    schedule: ScheduleId,
    order: Vec<ScheduleStepId>,
) -> Result<(), Error> {
    let Change {
        server,
        executor,
        now,
        ..
    } = begin_change(cx, server).await?;
    let wrong = |message| Error::invalid("schedule_step_order", message);
    if order.len() > MAX_STEPS {
        return Err(wrong("must not name more steps than a schedule can have"));
    }
    let details = json!({ "schedule_uuid": schedule });
    let entry = cx.entry(Event::ScheduleStepOrder, details).on(server);
    let (order, entry) = (&order, &entry);
    cx.write(|tx| {
        async move {
            lock(tx, server, schedule).await?;
            if rows::order_steps(tx, schedule, order).await? != order.len() {
                return Err(wrong("must name steps of this schedule, each once"));
            }
            entry.record(tx);
            tell_node(tx, executor, server, now)
        }
        .scope_boxed()
    })
    .await
}
