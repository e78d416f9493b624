//! `GET /api/client/servers/{server}`.

use actix_web::{get, web};
use panel_api_types::server::ServerBody;
use panel_domain::id::ServerRef;
use panel_service::{nodes, servers};

use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// Read a server
#[utoipa::path(responses((status = 200, description = "The server.", body = ServerBody)))]
#[get("/servers/{server}")]
pub(crate) async fn get(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<ServerBody>> {
    let view = servers::get(&caller, server).await?;
    let node_features = nodes::features(&view.details.node);
    Ok(web::Json(ServerBody {
        node_features,
        server: present::servers::server(view)?,
    }))
}
