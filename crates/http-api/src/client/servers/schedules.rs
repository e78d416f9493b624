//! Schedules of a server.

mod exchange;
mod run;
mod steps;

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::schedule::{CreateSchedule, ScheduleBody, Schedules, UpdateSchedule};
use panel_domain::id::{ScheduleId, ServerRef};
use panel_service::schedules;

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;
use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(list)
        .service(create)
        // Before what takes `import` for a schedule.
        .service(exchange::import)
        .service(get)
        .service(update)
        .service(remove)
        .service(exchange::export)
        .service(exchange::duplicate)
        .service(run::status)
        .service(run::trigger)
        .service(run::abort)
        .service(steps::list)
        .service(steps::add)
        // Before what takes `order` for a step.
        .service(steps::order)
        .service(steps::change)
        .service(steps::remove)
        .service(steps::duplicate);
}

/// List a server's schedules
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of schedules, by name.", body = Schedules))
)]
#[get("/servers/{server}/schedules")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Schedules>> {
    let found = schedules::list(&caller, server, query.page(), query.search()).await?;
    Ok(web::Json(Schedules {
        schedules: Page::of(found, present::schedules::schedule),
    }))
}

/// Make a schedule
///
/// It has no steps yet. What the server's node cannot do, and the panel cannot do in its place, is refused.
#[utoipa::path(
    request_body = CreateSchedule,
    responses((status = 200, description = "The schedule.", body = ScheduleBody))
)]
#[post("/servers/{server}/schedules")]
pub(crate) async fn create(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CreateSchedule>,
) -> Answer<web::Json<ScheduleBody>> {
    let input = schedules::CreateSchedule {
        name: body.name,
        enabled: body.enabled,
        triggers: body.triggers,
        condition: body.condition,
    };
    let schedule = caller
        .change(async move |cx| schedules::create(&cx, server, input).await)
        .await?;
    Ok(web::Json(present::schedules::body(schedule)))
}

/// Get a schedule
#[utoipa::path(responses((status = 200, description = "The schedule.", body = ScheduleBody)))]
#[get("/servers/{server}/schedules/{schedule}")]
pub(crate) async fn get(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
) -> Answer<web::Json<ScheduleBody>> {
    let schedule = schedules::get(&caller, server, schedule).await?;
    Ok(web::Json(present::schedules::body(schedule)))
}

/// Change a schedule
///
/// Times that have passed are not made up for. A run that has begun goes on.
#[utoipa::path(
    request_body = UpdateSchedule,
    responses((status = 200, description = "It holds from now on.", body = Empty))
)]
#[patch("/servers/{server}/schedules/{schedule}")]
pub(crate) async fn update(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
    Json(body): Json<UpdateSchedule>,
) -> Answer<web::Json<Empty>> {
    let input = schedules::ChangeSchedule {
        name: body.name,
        enabled: body.enabled,
        triggers: body.triggers,
        condition: body.condition,
    };
    caller
        .change(async move |cx| schedules::update(&cx, server, schedule, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a schedule
#[utoipa::path(responses((status = 200, description = "It is gone, with its steps.", body = Empty)))]
#[delete("/servers/{server}/schedules/{schedule}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((server, schedule)): PartOf<ScheduleId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| schedules::delete(&cx, server, schedule).await)
        .await?;
    Ok(web::Json(Empty {}))
}
