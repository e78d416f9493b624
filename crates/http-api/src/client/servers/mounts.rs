//! The mounts of a server.

use actix_web::{delete, get, post, web};
use panel_api_types::Empty;
use panel_api_types::mount::{AttachMount, ServerMounts};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{MountId, ServerRef};
use panel_service::servers;

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the mounts that a server may have
///
/// Those that its users may choose. One that it has says since when.
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of mounts, by name.", body = ServerMounts))
)]
#[get("/servers/{server}/mounts")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<ServerMounts>> {
    let found = servers::mounts(&caller, server, query.page(), query.search()).await?;
    Ok(web::Json(ServerMounts {
        mounts: Page::of(found, present::mounts::of_server),
    }))
}

/// Give a server a mount
///
/// It takes effect when the server is started next.
#[utoipa::path(
    request_body = AttachMount,
    responses((status = 200, description = "The server has it.", body = Empty))
)]
#[post("/servers/{server}/mounts")]
pub(crate) async fn attach(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<AttachMount>,
) -> Answer<web::Json<Empty>> {
    let mount = MountId::from(body.mount_uuid);
    caller
        .change(async move |cx| servers::attach_mount(&cx, server, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Take a mount from a server
///
/// It takes effect when the server is started next.
#[utoipa::path(responses((status = 200, description = "The server has it no more.", body = Empty)))]
#[delete("/servers/{server}/mounts/{mount}")]
pub(crate) async fn detach(
    caller: Caller,
    Path((server, mount)): PartOf<MountId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::detach_mount(&cx, server, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}
