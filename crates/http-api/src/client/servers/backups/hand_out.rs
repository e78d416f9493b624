//! Handing backups out, and asking their node about them.

use actix_web::{HttpResponse, get, post, web};
use panel_api_types::backup::{
    BackupArchive, BackupDownload, DownloadBackupQuery, ExportBackup, ExportedBackupBody,
    StartedExport,
};
use panel_domain::id::BackupId;
use panel_service::backups;

use super::super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// Get the address of a backup
///
/// A browser fetches it from the node or the store, not from the panel.
#[utoipa::path(
    params(DownloadBackupQuery),
    responses((status = 200, description = "The address.", body = BackupDownload))
)]
#[get("/servers/{server}/backups/{backup}/download")]
pub(crate) async fn download(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
    Query(query): Query<DownloadBackupQuery>,
) -> Answer<web::Json<BackupDownload>> {
    let how = backups::Download {
        archive_format: query
            .archive_format
            .and_then(|format| backups::archive_format(&serde_json::json!(format))),
    };
    let url = caller
        .change(async move |cx| backups::download(&cx, server, backup, how).await)
        .await?;
    Ok(web::Json(BackupDownload {
        url: url.to_string(),
    }))
}

/// Ask a node how a backup is packed
#[utoipa::path(responses((status = 200, description = "What the node knows.", body = BackupArchive)))]
#[get("/servers/{server}/backups/{backup}/query")]
pub(crate) async fn archive(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
) -> Answer<web::Json<BackupArchive>> {
    let archive = backups::query(&caller, server, backup).await?;
    Ok(web::Json(present::backups::archive(archive)))
}

/// Write a backup among its server's files
#[utoipa::path(
    request_body = ExportBackup,
    responses(
        (status = 200, description = "It is written.", body = ExportedBackupBody),
        (status = 202, description = "The node is at it.", body = StartedExport),
    )
)]
#[post("/servers/{server}/backups/{backup}/export")]
pub(crate) async fn export(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
    Json(body): Json<ExportBackup>,
) -> Answer<HttpResponse> {
    let input = present::backups::export(body.path, body.archive_format, body.foreground);
    let exported = caller
        .change(async move |cx| backups::export(&cx, server, backup, input).await)
        .await?;
    Ok(present::backups::exported(exported))
}
