//! `POST /api/admin/servers/{server}/clear-state`.

use actix_web::{post, web};
use panel_api_types::Empty;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path};

/// Make a server ready, whatever it is busy with
#[utoipa::path(responses((status = 200, description = "The server can be used.", body = Empty)))]
#[post("/servers/{server}/clear-state")]
pub(crate) async fn clear_state(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::clear_state(&cx, server).await)
        .await?;
    Ok(web::Json(Empty {}))
}
