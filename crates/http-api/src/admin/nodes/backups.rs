//! The backups on a node, also those that no server can use any more.

use actix_web::{HttpResponse, delete, get, post, web};
use panel_api_types::Empty;
use panel_api_types::backup::{
    AdminBackups, BackupArchive, BackupBody, BackupDownload, DeleteNodeBackup, DownloadBackupQuery,
    ExportNodeBackup, ExportedBackupBody, NodeBackupsQuery, ReattachBackup, RestoreNodeBackup,
    StartedExport,
};
use panel_api_types::page::Page;
use panel_domain::id::{BackupId, NodeId};
use panel_service::backups;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// The path of a backup on a node.
type OnNode = Path<(NodeId, BackupId)>;

/// List the backups on a node
#[utoipa::path(
    params(NodeBackupsQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = AdminBackups))
)]
#[get("/nodes/{node}/backups")]
pub(crate) async fn list(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<NodeBackupsQuery>,
) -> Answer<web::Json<AdminBackups>> {
    let asked = query.search_query();
    let input = backups::ListNodeBackups {
        search: asked.search().map(str::to_owned),
        detached: query.detached,
    };
    let found = backups::on_node(&caller, node, input, asked.page()).await?;
    Ok(web::Json(AdminBackups {
        backups: Page::try_of(found, present::backups::admin_backup)?,
    }))
}

/// Get a backup on a node
#[utoipa::path(responses((status = 200, description = "The backup.", body = BackupBody)))]
#[get("/nodes/{node}/backups/{backup}")]
pub(crate) async fn get(
    caller: Caller,
    Path((node, backup)): OnNode,
) -> Answer<web::Json<BackupBody>> {
    let found = backups::get_on_node(&caller, node, backup).await?;
    Ok(web::Json(present::backups::body(found)))
}

/// Delete a backup on a node
///
/// With `force` the panel forgets it even when its node or store does not delete it.
#[utoipa::path(
    request_body = DeleteNodeBackup,
    responses((status = 200, description = "It is being deleted.", body = Empty))
)]
#[delete("/nodes/{node}/backups/{backup}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((node, backup)): OnNode,
    Json(body): Json<DeleteNodeBackup>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| backups::delete_on_node(&cx, node, backup, body.force).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Get the address of a backup on a node
#[utoipa::path(
    params(DownloadBackupQuery),
    responses((status = 200, description = "The address.", body = BackupDownload))
)]
#[get("/nodes/{node}/backups/{backup}/download")]
pub(crate) async fn download(
    caller: Caller,
    Path((node, backup)): OnNode,
    Query(query): Query<DownloadBackupQuery>,
) -> Answer<web::Json<BackupDownload>> {
    let how = backups::Download {
        archive_format: query
            .archive_format
            .and_then(|format| backups::archive_format(&serde_json::json!(format))),
    };
    let url = backups::download_on_node(&caller, node, backup, how).await?;
    Ok(web::Json(BackupDownload {
        url: url.to_string(),
    }))
}

/// Ask a node how a backup is packed
#[utoipa::path(responses((status = 200, description = "What the node knows.", body = BackupArchive)))]
#[get("/nodes/{node}/backups/{backup}/query")]
pub(crate) async fn archive(
    caller: Caller,
    Path((node, backup)): OnNode,
) -> Answer<web::Json<BackupArchive>> {
    let archive = backups::query_on_node(&caller, node, backup).await?;
    Ok(web::Json(present::backups::archive(archive)))
}

/// Write a backup among any server's files
#[utoipa::path(
    request_body = ExportNodeBackup,
    responses(
        (status = 200, description = "It is written.", body = ExportedBackupBody),
        (status = 202, description = "The node is at it.", body = StartedExport),
    )
)]
#[post("/nodes/{node}/backups/{backup}/export")]
pub(crate) async fn export(
    caller: Caller,
    Path((node, backup)): OnNode,
    Json(body): Json<ExportNodeBackup>,
) -> Answer<HttpResponse> {
    let server = body.server_uuid.into();
    let input = present::backups::export(body.path, body.archive_format, body.foreground);
    let exported = caller
        .change(async move |cx| backups::export_on_node(&cx, node, backup, server, input).await)
        .await?;
    Ok(present::backups::exported(exported))
}

/// Take a backup away from its server
#[utoipa::path(responses((status = 200, description = "It belongs to no server.", body = Empty)))]
#[post("/nodes/{node}/backups/{backup}/detach")]
pub(crate) async fn detach(
    caller: Caller,
    Path((node, backup)): OnNode,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| backups::detach(&cx, node, backup).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Give a backup to a server
#[utoipa::path(
    request_body = ReattachBackup,
    responses((status = 200, description = "It is the server's.", body = Empty))
)]
#[post("/nodes/{node}/backups/{backup}/reattach")]
pub(crate) async fn reattach(
    caller: Caller,
    Path((node, backup)): OnNode,
    Json(body): Json<ReattachBackup>,
) -> Answer<web::Json<Empty>> {
    let server = body.server_uuid.into();
    caller
        .change(async move |cx| backups::reattach(&cx, node, backup, server).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Put a backup back on any server that reaches it
#[utoipa::path(
    request_body = RestoreNodeBackup,
    responses((status = 200, description = "It is being put back.", body = Empty))
)]
#[post("/nodes/{node}/backups/{backup}/restore")]
pub(crate) async fn restore(
    caller: Caller,
    Path((node, backup)): OnNode,
    Json(body): Json<RestoreNodeBackup>,
) -> Answer<web::Json<Empty>> {
    let server = body.server_uuid.into();
    let input = backups::RestoreBackup {
        truncate_directory: body.truncate_directory,
        restore_startup: body.restore_startup,
    };
    caller
        .change(async move |cx| backups::restore_on_node(&cx, node, backup, server, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
