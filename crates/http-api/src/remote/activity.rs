//! What daemons saw people do.

use actix_web::{HttpResponse, post};
use panel_service::remote::{self, ActivityBatch};

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// The most bytes of a batch: a thousand rows of the largest kind that is kept.
const LIMIT: usize = 16 * 1024 * 1024;

/// What people did on the node's servers
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "What could be used was noted.", body = serde_json::Value)),
)]
#[post("/activity")]
pub(crate) async fn record(
    caller: Caller,
    batch: Json<ActivityBatch, LIMIT>,
) -> Answer<HttpResponse> {
    let batch = batch.into_inner();
    caller
        .change(async move |cx| remote::record_activity(&cx, batch).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
