//! What a node does with files in the background.

use actix_web::{delete, get, web};
use panel_api_types::Empty;
use panel_api_types::file::FileOperations;
use panel_domain::id::ServerRef;
use panel_service::files;
use uuid::Uuid;

use crate::client::servers::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// List what goes on among a server's files
///
/// As far as its node tells: some tell of what they fetch from the network only. Progress comes on the server's websocket, too.
#[utoipa::path(responses((status = 200, description = "What goes on.", body = FileOperations)))]
#[get("/servers/{server}/files/operations")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<FileOperations>> {
    let found = files::operations(&caller, server).await?;
    Ok(web::Json(FileOperations {
        operations: found.into_iter().map(present::files::operation).collect(),
    }))
}

/// End what goes on among a server's files
///
/// What is not there counts as ended.
#[utoipa::path(responses((status = 200, description = "It is ended.", body = Empty)))]
#[delete("/servers/{server}/files/operations/{operation}")]
pub(crate) async fn abort(
    caller: Caller,
    Path((server, operation)): PartOf<Uuid>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| files::abort_operation(&cx, server, operation).await)
        .await?;
    Ok(web::Json(Empty {}))
}
