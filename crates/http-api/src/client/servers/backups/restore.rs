//! Putting backups back.

use actix_web::{post, web};
use panel_api_types::Empty;
use panel_api_types::backup::RestoreBackup;
use panel_domain::id::{BackupId, ServerRef};
use panel_service::backups;

use super::super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Put a backup back
///
/// The server is stopped, and cannot be used until that has ended.
#[utoipa::path(
    request_body = RestoreBackup,
    responses((status = 200, description = "It is being put back.", body = Empty))
)]
#[post("/servers/{server}/backups/{backup}/restore")]
pub(crate) async fn restore(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
    Json(body): Json<RestoreBackup>,
) -> Answer<web::Json<Empty>> {
    let input = backups::RestoreBackup {
        truncate_directory: body.truncate_directory,
        restore_startup: body.restore_startup,
    };
    caller
        .change(async move |cx| backups::restore(&cx, server, backup, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Go on with a server on which putting a backup back failed
#[utoipa::path(responses((status = 200, description = "The server can be used.", body = Empty)))]
#[post("/servers/{server}/backups/unlock")]
pub(crate) async fn unlock(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| backups::unlock(&cx, server).await)
        .await?;
    Ok(web::Json(Empty {}))
}
