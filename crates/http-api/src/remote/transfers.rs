//! How the moving of a server ended.

use actix_web::{HttpResponse, post};
use panel_domain::id::ServerId;
use panel_service::remote::{self, FinalReport, TransferResult};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// The most bytes of a report: hundreds of backups with their checksums.
const LIMIT: usize = 1024 * 1024;

/// A server has arrived at its new node
///
/// Only that node can say so. The daemons in Go send `null`.
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted, or was known already.", body = serde_json::Value)),
)]
#[post("/servers/{server}/transfer/success")]
pub(crate) async fn success(
    caller: Caller,
    server: Path<ServerId>,
    result: Json<Option<TransferResult>, LIMIT>,
) -> Answer<HttpResponse> {
    let told = FinalReport::Arrival(server.into_inner(), result.into_inner());
    caller
        .change(async move |cx| remote::take_final_report(&cx, told).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// A server could not be moved
///
/// Either node can say so. A body is not looked at.
#[utoipa::path(responses((status = 200, description = "It was noted, or was known already.", body = serde_json::Value)))]
#[post("/servers/{server}/transfer/failure")]
pub(crate) async fn failure(caller: Caller, server: Path<ServerId>) -> Answer<HttpResponse> {
    let told = FinalReport::TransferFailure(server.into_inner());
    caller
        .change(async move |cx| remote::take_final_report(&cx, told).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
