//! `POST /api/client/servers/{server}/command`.

use actix_web::{post, web};
use panel_api_types::Empty;
use panel_api_types::server::Command;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Send a command to the console of a server
///
/// It is never repeated by the panel.
#[utoipa::path(
    request_body = Command,
    responses((status = 200, description = "The node has written it.", body = Empty))
)]
#[post("/servers/{server}/command")]
pub(crate) async fn command(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<Command>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::command(&cx, server, body.command).await)
        .await?;
    Ok(web::Json(Empty {}))
}
