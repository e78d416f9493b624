//! The power of servers, as Pelican's daemon reports it.

use actix_web::{HttpResponse, post};
use panel_domain::id::ServerId;
use panel_service::remote::{self, StateReport};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// A server's power has changed
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted.", body = serde_json::Value)),
)]
#[post("/servers/{server}/container/status")]
pub(crate) async fn report(
    caller: Caller,
    server: Path<ServerId>,
    report: Json<StateReport>,
) -> Answer<HttpResponse> {
    let (server, report) = (server.into_inner(), report.into_inner());
    caller
        .change(async move |cx| remote::report_state(&cx, server, report).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
