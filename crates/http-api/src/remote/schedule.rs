//! How the schedules ended that Calagopus runs itself.

use actix_web::{HttpResponse, post};
use panel_service::remote::{self, ScheduleReports};

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// Runs of schedules have ended
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "What could be used was noted.", body = serde_json::Value)),
)]
#[post("/schedule")]
pub(crate) async fn record(caller: Caller, reports: Json<ScheduleReports>) -> Answer<HttpResponse> {
    let reports = reports.into_inner();
    caller
        .change(async move |cx| remote::record_schedules(&cx, reports).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
