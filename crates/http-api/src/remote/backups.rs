//! Backups: what daemons report and ask.

mod ordered;
mod upload;

use actix_web::{HttpResponse, get, post};
use panel_domain::id::BackupId;
use panel_service::remote::backups::{self, BackupResult, DeletionResult, RestoreResult};
use panel_service::remote::{self, FinalReport};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::routes::Routes;

/// The most bytes of a report: ten thousand parts with their names.
const LIMIT: usize = 4 * 1024 * 1024;

pub(super) fn configure(config: &mut impl Routes) {
    config
        .service(upload::by_size)
        .service(upload::by_number)
        .service(report)
        .service(restored)
        .service(deleted)
        .service(restic)
        .service(pbs)
        .service(kopia)
        .service(ordered::reserve)
        .service(ordered::remove)
        .service(ordered::change)
        .service(ordered::restore);
}

/// The making of a backup has ended
///
/// A success counts whenever it comes. An archive in a bucket counts when the store has confirmed it.
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted, or was known already.", body = serde_json::Value)),
)]
#[post("/backups/{backup}")]
pub(crate) async fn report(
    caller: Caller,
    backup: Path<BackupId>,
    result: Json<BackupResult, LIMIT>,
) -> Answer<HttpResponse> {
    let told = FinalReport::Backup(backup.into_inner(), result.into_inner());
    caller
        .change(async move |cx| remote::take_final_report(&cx, told).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// Putting a backup back has ended
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted, or was known already.", body = serde_json::Value)),
)]
#[post("/backups/{backup}/restore")]
pub(crate) async fn restored(
    caller: Caller,
    backup: Path<BackupId>,
    result: Json<RestoreResult>,
) -> Answer<HttpResponse> {
    let told = FinalReport::Restore(backup.into_inner(), result.into_inner());
    caller
        .change(async move |cx| remote::take_final_report(&cx, told).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// Deleting a backup has ended
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "It was noted, or was known already.", body = serde_json::Value)),
)]
#[post("/backups/{backup}/deletion")]
pub(crate) async fn deleted(
    caller: Caller,
    backup: Path<BackupId>,
    result: Json<DeletionResult>,
) -> Answer<HttpResponse> {
    let told = FinalReport::Deletion(backup.into_inner(), result.into_inner());
    caller
        .change(async move |cx| remote::take_final_report(&cx, told).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// Access to the restic repository of a backup
#[utoipa::path(responses((status = 200, description = "The access.", body = serde_json::Value)))]
#[get("/backups/{backup}/restic")]
pub(crate) async fn restic(caller: Caller, backup: Path<BackupId>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(backups::restic(&caller, backup.into_inner()).await?))
}

/// Access to the Proxmox Backup Server of a backup
#[utoipa::path(responses((status = 200, description = "The access.", body = serde_json::Value)))]
#[get("/backups/{backup}/pbs")]
pub(crate) async fn pbs(caller: Caller, backup: Path<BackupId>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(backups::pbs(&caller, backup.into_inner()).await?))
}

/// Access to the Kopia server of a backup
#[utoipa::path(responses((status = 200, description = "The access.", body = serde_json::Value)))]
#[get("/backups/{backup}/kopia")]
pub(crate) async fn kopia(caller: Caller, backup: Path<BackupId>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(backups::kopia(&caller, backup.into_inner()).await?))
}
