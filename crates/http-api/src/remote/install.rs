//! Installing: the script, and how it ended.

use actix_web::{HttpResponse, get, post};
use panel_domain::id::ServerId;
use panel_service::remote::{self, FinalReport, InstallResult};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// The script that installs a server
#[utoipa::path(responses((status = 200, description = "The script.", body = serde_json::Value)))]
#[get("/servers/{server}/install")]
pub(crate) async fn script(caller: Caller, server: Path<ServerId>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(remote::install_script(&caller, server.into_inner()).await?))
}

/// How an installation ended
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted, or was known already.", body = serde_json::Value)),
)]
#[post("/servers/{server}/install")]
pub(crate) async fn report(
    caller: Caller,
    server: Path<ServerId>,
    result: Json<InstallResult>,
) -> Answer<HttpResponse> {
    let told = FinalReport::Install(server.into_inner(), result.into_inner());
    caller
        .change(async move |cx| remote::take_final_report(&cx, told).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
