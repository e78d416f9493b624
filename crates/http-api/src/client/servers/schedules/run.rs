//! Running schedules now.

use actix_web::{get, post, web};
use panel_api_types::Empty;
use panel_api_types::schedule::{ScheduleStatusBody, TriggerSchedule};
use panel_domain::id::ScheduleId;
use panel_service::schedules;

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// See how a schedule stands
#[utoipa::path(responses((status = 200, description = "Whether it is being run, and what went wrong.", body = ScheduleStatusBody)))]
#[get("/servers/{server}/schedules/{schedule}/status")]
pub(crate) async fn status(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
) -> Answer<web::Json<ScheduleStatusBody>> {
    let status = schedules::status(&caller, server, schedule).await?;
    Ok(web::Json(present::schedules::status(status)))
}

/// Run a schedule now
#[utoipa::path(
    request_body = TriggerSchedule,
    responses((status = 200, description = "It will be run in a moment.", body = Empty))
)]
#[post("/servers/{server}/schedules/{schedule}/trigger")]
pub(crate) async fn trigger(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
    Json(body): Json<TriggerSchedule>,
) -> Answer<web::Json<Empty>> {
    let skip = body.skip_condition;
    caller
        .change(async move |cx| schedules::trigger(&cx, server, schedule, skip).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// End a run of a schedule
///
/// What its steps have done stays done.
#[utoipa::path(responses((status = 200, description = "It is not being run any more.", body = Empty)))]
#[post("/servers/{server}/schedules/{schedule}/abort")]
pub(crate) async fn abort(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| schedules::abort(&cx, server, schedule).await)
        .await?;
    Ok(web::Json(Empty {}))
}
