//! Schedules as documents.

use actix_web::{get, post, web};
use panel_api_types::schedule::{DuplicateSchedule, ExportedSchedule, ScheduleBody};
use panel_domain::id::{ScheduleId, ServerRef};
use panel_service::schedules::{self, Exported, ExportedStep};

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Get a schedule as a document
#[utoipa::path(responses((status = 200, description = "The document, which another server can import.", body = ExportedSchedule)))]
#[get("/servers/{server}/schedules/{schedule}/export")]
pub(crate) async fn export(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
) -> Answer<web::Json<ExportedSchedule>> {
    let schedule = schedules::export(&caller, server, schedule).await?;
    Ok(web::Json(present::schedules::exported(schedule)))
}

/// Make a schedule out of a document
///
/// Whoever imports needs the permission of everything that the steps do.
#[utoipa::path(
    request_body = ExportedSchedule,
    responses((status = 200, description = "The schedule.", body = ScheduleBody))
)]
#[post("/servers/{server}/schedules/import")]
pub(crate) async fn import(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<ExportedSchedule>,
) -> Answer<web::Json<ScheduleBody>> {
    let document = Exported {
        name: body.name,
        enabled: body.enabled,
        triggers: body.triggers,
        condition: body.condition,
        steps: body
            .steps
            .into_iter()
            .map(|step| ExportedStep {
                action: step.action,
                order: step.order,
            })
            .collect(),
    };
    let schedule = caller
        .change(async move |cx| schedules::import(&cx, server, document).await)
        .await?;
    Ok(web::Json(present::schedules::body(schedule)))
}

/// Copy a schedule under another name
///
/// Whoever copies needs the permission of everything that the steps do.
#[utoipa::path(
    request_body = DuplicateSchedule,
    responses((status = 200, description = "The copy.", body = ScheduleBody))
)]
#[post("/servers/{server}/schedules/{schedule}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
    Json(body): Json<DuplicateSchedule>,
) -> Answer<web::Json<ScheduleBody>> {
    let schedule = caller
        .change(async move |cx| schedules::duplicate(&cx, server, schedule, body.name).await)
        .await?;
    Ok(web::Json(present::schedules::body(schedule)))
}
