//! What schedules do.

use actix_web::{delete, get, patch, post, put, web};
use panel_api_types::Empty;
use panel_api_types::schedule::{
    CreateScheduleStep, ScheduleStepBody, ScheduleStepOrder, ScheduleSteps, UpdateScheduleStep,
};
use panel_domain::id::{ScheduleId, ScheduleStepId, ServerRef};
use panel_service::schedules::{self, ChangeStep, NewStep, Step};

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// The path of a step.
type StepOf = Path<(ServerRef, ScheduleId, ScheduleStepId)>;

/// List a schedule's steps
#[utoipa::path(responses((status = 200, description = "The steps, in their order.", body = ScheduleSteps)))]
#[get("/servers/{server}/schedules/{schedule}/steps")]
pub(crate) async fn list(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
) -> Answer<web::Json<ScheduleSteps>> {
    let steps = schedules::steps(&caller, server, schedule).await?;
    Ok(web::Json(ScheduleSteps {
        schedule_steps: steps.into_iter().map(present::schedules::step).collect(),
    }))
}

/// Add a step
///
/// Whoever adds it needs the permission of what it does, and it is done with what they may do at that time.
#[utoipa::path(
    request_body = CreateScheduleStep,
    responses((status = 200, description = "The step.", body = ScheduleStepBody))
)]
#[post("/servers/{server}/schedules/{schedule}/steps")]
pub(crate) async fn add(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
    Json(body): Json<CreateScheduleStep>,
) -> Answer<web::Json<ScheduleStepBody>> {
    let step = NewStep {
        action: body.action,
        order: body.order,
    };
    let step = caller
        .change(async move |cx| schedules::add_step(&cx, server, schedule, step).await)
        .await?;
    Ok(one(step))
}

/// Put a schedule's steps into another order
#[utoipa::path(
    request_body = ScheduleStepOrder,
    responses((status = 200, description = "They are in that order.", body = Empty))
)]
#[put("/servers/{server}/schedules/{schedule}/steps/order")]
pub(crate) async fn order(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
    Json(body): Json<ScheduleStepOrder>,
) -> Answer<web::Json<Empty>> {
    let order = body.schedule_step_order.into_iter();
    let order: Vec<ScheduleStepId> = order.map(ScheduleStepId::from).collect();
    caller
        .change(async move |cx| schedules::order_steps(&cx, server, schedule, order).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Change a step
#[utoipa::path(
    request_body = UpdateScheduleStep,
    responses((status = 200, description = "It holds from the next run on.", body = Empty))
)]
#[patch("/servers/{server}/schedules/{schedule}/steps/{step}")]
pub(crate) async fn change(
    caller: Caller,
    Path((server, schedule, step)): StepOf,
    Json(body): Json<UpdateScheduleStep>,
) -> Answer<web::Json<Empty>> {
    let input = ChangeStep {
        action: body.action,
        order: body.order,
    };
    caller
        .change(async move |cx| schedules::change_step(&cx, server, schedule, step, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a step
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/servers/{server}/schedules/{schedule}/steps/{step}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((server, schedule, step)): StepOf,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| schedules::delete_step(&cx, server, schedule, step).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Copy a step
#[utoipa::path(responses((status = 200, description = "The copy, behind the step.", body = ScheduleStepBody)))]
#[post("/servers/{server}/schedules/{schedule}/steps/{step}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path((server, schedule, step)): StepOf,
) -> Answer<web::Json<ScheduleStepBody>> {
    let step = caller
        .change(async move |cx| schedules::duplicate_step(&cx, server, schedule, step).await)
        .await?;
    Ok(one(step))
}

fn one(step: Step) -> web::Json<ScheduleStepBody> {
    web::Json(ScheduleStepBody {
        schedule_step: present::schedules::step(step),
    })
}
