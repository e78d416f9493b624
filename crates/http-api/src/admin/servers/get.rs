//! Reading one server.

use actix_web::{get, web};
use panel_api_types::server::AdminServerBody;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// Read any server
#[utoipa::path(responses((status = 200, description = "The server.", body = AdminServerBody)))]
#[get("/servers/{server}")]
pub(crate) async fn get(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<AdminServerBody>> {
    let view = servers::get_admin(&caller, server).await?;
    Ok(web::Json(AdminServerBody {
        server: present::servers::admin_server(view)?,
    }))
}

/// Read the server that another system calls by this name
#[utoipa::path(
    params(("server" = String, Path, description = "The external id.")),
    responses((status = 200, description = "The server.", body = AdminServerBody))
)]
#[get("/servers/external/{server}")]
pub(crate) async fn get_external(
    caller: Caller,
    Path(external_id): Path<String>,
) -> Answer<web::Json<AdminServerBody>> {
    let view = servers::get_external(&caller, &external_id).await?;
    Ok(web::Json(AdminServerBody {
        server: present::servers::admin_server(view)?,
    }))
}
