//! `DELETE /api/admin/servers/{server}`.

use actix_web::{delete, web};
use panel_api_types::Empty;
use panel_api_types::server::DeleteServer;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Delete a server
///
/// Its users do not see it any more. It is gone when its node has deleted it; with `force` the panel does not wait for that.
#[utoipa::path(
    request_body = DeleteServer,
    responses((status = 200, description = "It is being deleted.", body = Empty))
)]
#[delete("/servers/{server}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<DeleteServer>,
) -> Answer<web::Json<Empty>> {
    let input = servers::DeleteServer {
        force: body.force,
        delete_backups: body.delete_backups,
    };
    caller
        .change(async move |cx| servers::delete(&cx, server, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
