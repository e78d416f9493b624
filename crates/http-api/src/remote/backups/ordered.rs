//! What schedules on a node want done with backups. Only where a step of the server's schedules says so.

use actix_web::{HttpResponse, delete, patch, post};
use panel_domain::id::ServerId;
use panel_service::remote::backups::{
    self, BackupSelector, MoveBackup, ReserveBackup, RestoreSelected,
};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// A schedule makes a backup
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "Its id, and where it goes.", body = serde_json::Value)),
)]
#[post("/servers/{server}/backups")]
pub(crate) async fn reserve(
    caller: Caller,
    server: Path<ServerId>,
    input: Json<ReserveBackup>,
) -> Answer<HttpResponse> {
    let (server, input) = (server.into_inner(), input.into_inner());
    let reserved = caller
        .change(async move |cx| backups::reserve_backup(&cx, server, input).await)
        .await?;
    Ok(HttpResponse::Ok().json(reserved))
}

/// A schedule deletes a backup
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "Its id.", body = serde_json::Value)),
)]
#[delete("/servers/{server}/backups")]
pub(crate) async fn remove(
    caller: Caller,
    server: Path<ServerId>,
    input: Json<BackupSelector>,
) -> Answer<HttpResponse> {
    let (server, input) = (server.into_inner(), input.into_inner());
    let id = caller
        .change(async move |cx| backups::delete_selected(&cx, server, input).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "uuid": id })))
}

/// A schedule puts a backup into another group
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "Its id.", body = serde_json::Value)),
)]
#[patch("/servers/{server}/backups")]
pub(crate) async fn change(
    caller: Caller,
    server: Path<ServerId>,
    input: Json<MoveBackup>,
) -> Answer<HttpResponse> {
    let (server, input) = (server.into_inner(), input.into_inner());
    let id = caller
        .change(async move |cx| backups::move_selected(&cx, server, input).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "uuid": id })))
}

/// A schedule puts a backup back
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "Which, and from where.", body = serde_json::Value)),
)]
#[post("/servers/{server}/backups/restore")]
pub(crate) async fn restore(
    caller: Caller,
    server: Path<ServerId>,
    input: Json<RestoreSelected>,
) -> Answer<HttpResponse> {
    let (server, input) = (server.into_inner(), input.into_inner());
    let told = caller
        .change(async move |cx| backups::restore_selected(&cx, server, input).await)
        .await?;
    Ok(HttpResponse::Ok().json(told))
}
