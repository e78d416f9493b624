//! `POST /api/client/servers/{server}/power`.

use actix_web::{post, web};
use panel_api_types::Empty;
use panel_api_types::server::{Power, PowerAction};
use panel_domain::id::ServerRef;
use panel_domain::server as domain;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Start, stop, restart or kill a server
///
/// Success means that the node has taken it on. It is never repeated by the panel.
#[utoipa::path(
    request_body = Power,
    responses((status = 200, description = "The node has taken it on.", body = Empty))
)]
#[post("/servers/{server}/power")]
pub(crate) async fn power(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<Power>,
) -> Answer<web::Json<Empty>> {
    let action = match body.action {
        PowerAction::Start => domain::PowerAction::Start,
        PowerAction::Stop => domain::PowerAction::Stop,
        PowerAction::Restart => domain::PowerAction::Restart,
        PowerAction::Kill => domain::PowerAction::Kill,
    };
    caller
        .change(async move |cx| servers::power(&cx, server, action).await)
        .await?;
    Ok(web::Json(Empty {}))
}
