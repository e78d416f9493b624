//! `GET /api/client/servers/{server}/announcements`.

use actix_web::{get, web};
use panel_api_types::announcement::Announcements;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path};

/// List the announcements to show on a server's pages
///
/// Nobody can write one yet, so there are none.
#[utoipa::path(responses((status = 200, description = "The announcements.", body = Announcements)))]
#[get("/servers/{server}/announcements")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<Announcements>> {
    servers::get(&caller, server).await?;
    Ok(web::Json(Announcements {
        announcements: Vec::new(),
    }))
}
