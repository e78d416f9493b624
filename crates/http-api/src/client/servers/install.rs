//! Installing a server again.

use actix_web::{HttpResponse, post, web};
use panel_api_types::Empty;
use panel_api_types::server::Reinstall;
use panel_domain::id::ServerRef;
use panel_service::servers::{self, CancelledInstall};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Install a server again
#[utoipa::path(
    request_body = Reinstall,
    responses((status = 202, description = "The node is asked; the server's status tells when it is done.", body = Empty))
)]
#[post("/servers/{server}/settings/install")]
pub(crate) async fn reinstall(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<Reinstall>,
) -> Answer<HttpResponse> {
    caller
        .change(async move |cx| servers::reinstall(&cx, server, body.truncate_directory).await)
        .await?;
    Ok(HttpResponse::Accepted().json(Empty {}))
}

/// Stop an installation
#[utoipa::path(responses(
    (status = 200, description = "The installation had not begun on the node and is over.", body = Empty),
    (status = 202, description = "The node stops it; the server's status tells when it is over.", body = Empty)
))]
#[post("/servers/{server}/settings/install/cancel")]
pub(crate) async fn cancel(caller: Caller, Path(server): Path<ServerRef>) -> Answer<HttpResponse> {
    let cancelled = caller
        .change(async move |cx| servers::cancel_install(&cx, server).await)
        .await?;
    Ok(match cancelled {
        CancelledInstall::Done => HttpResponse::Ok(),
        CancelledInstall::Stopping => HttpResponse::Accepted(),
    }
    .json(Empty {}))
}

/// Go on with a server whose installation failed
#[utoipa::path(responses((status = 200, description = "The server can be used.", body = Empty)))]
#[post("/servers/{server}/settings/install/unlock")]
pub(crate) async fn unlock(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::acknowledge_install(&cx, server).await)
        .await?;
    Ok(web::Json(Empty {}))
}
