//! How runs of schedules on a node ended.

use actix_web::{HttpResponse, post};
use panel_service::remote::{self, ScheduleReports};

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// How runs of schedules ended
///
/// Shown to people. What is to be run when is not decided by it.
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "What could be used was noted.", body = serde_json::Value)),
)]
#[post("/schedule")]
pub(crate) async fn report(caller: Caller, reports: Json<ScheduleReports>) -> Answer<HttpResponse> {
    let reports = reports.into_inner();
    caller
        .change(async move |cx| remote::report_runs(&cx, reports).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
