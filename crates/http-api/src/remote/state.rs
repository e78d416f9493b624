//! The power of servers, as Pelican's daemon reports it.

use actix_web::{HttpResponse, post};
use panel_domain::id::ServerId;
use panel_service::remote::{self, StateChange};
use serde::Deserialize;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    data: StateChange,
}

/// A server's power has changed
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted.", body = serde_json::Value)),
)]
#[post("/servers/{server}/container/status")]
pub(crate) async fn report(
    caller: Caller,
    server: Path<ServerId>,
    report: Json<Report>,
) -> Answer<HttpResponse> {
    let (server, change) = (server.into_inner(), report.into_inner().data);
    caller
        .change(async move |cx| remote::report_state(&cx, server, change).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
