//! `GET /api/client/servers/{server}/websocket`.

use actix_web::{get, web};
use panel_api_types::server::ConsoleAccess;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path};

/// Get what opens the console of a server
///
/// The browser connects to the node with it. The token is valid for ten minutes; a new one is sent on the open connection.
#[utoipa::path(responses((status = 200, description = "Address and token.", body = ConsoleAccess)))]
#[get("/servers/{server}/websocket")]
pub(crate) async fn websocket(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<ConsoleAccess>> {
    let access = servers::websocket(&caller, server).await?;
    Ok(web::Json(ConsoleAccess {
        token: access.token,
        url: access.url.into(),
    }))
}
