//! What schedules on a node change of the startup of their servers.

use actix_web::{HttpResponse, put};
use panel_domain::id::ServerId;
use panel_service::remote::{self, ChangeCommand, ChangeImage, ChangeVariable};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// A schedule gives a variable another value
///
/// Only where a step of the server's schedules says so.
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It has it: an empty object.", body = serde_json::Value)),
)]
#[put("/servers/{server}/startup/variables")]
pub(crate) async fn variable(
    caller: Caller,
    server: Path<ServerId>,
    change: Json<ChangeVariable>,
) -> Answer<HttpResponse> {
    let (server, change) = (server.into_inner(), change.into_inner());
    caller
        .change(async move |cx| remote::change_variable(&cx, server, change).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// A schedule gives a server another startup command
///
/// Only where a step of the server's schedules says so.
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It has it: an empty object.", body = serde_json::Value)),
)]
#[put("/servers/{server}/startup/command")]
pub(crate) async fn command(
    caller: Caller,
    server: Path<ServerId>,
    change: Json<ChangeCommand>,
) -> Answer<HttpResponse> {
    let (server, change) = (server.into_inner(), change.into_inner());
    caller
        .change(async move |cx| remote::change_command(&cx, server, change).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// A schedule gives a server another container image
///
/// Only where a step of the server's schedules says so.
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It has it: an empty object.", body = serde_json::Value)),
)]
#[put("/servers/{server}/startup/docker-image")]
pub(crate) async fn image(
    caller: Caller,
    server: Path<ServerId>,
    change: Json<ChangeImage>,
) -> Answer<HttpResponse> {
    let (server, change) = (server.into_inner(), change.into_inner());
    caller
        .change(async move |cx| remote::change_image(&cx, server, change).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
