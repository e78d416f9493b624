//! The mounts of any server.

use actix_web::{delete, get, post, web};
use panel_api_types::Empty;
use panel_api_types::mount::{AttachMount, OfferedMounts};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{MountId, ServerRef};
use panel_service::servers;

use crate::client::servers::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the mounts that any server has
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of mounts, by name.", body = OfferedMounts))
)]
#[get("/servers/{server}/mounts")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<OfferedMounts>> {
    let (page, search) = (query.page(), query.search());
    let found = servers::mounts_for_admin(&caller, server, true, page, search).await?;
    Ok(web::Json(OfferedMounts {
        mounts: Page::of(found, present::mounts::offered),
    }))
}

/// List the mounts that any server could have
///
/// Those of its node and its egg.
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of mounts, by name.", body = OfferedMounts))
)]
#[get("/servers/{server}/mounts/available")]
pub(crate) async fn available(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<OfferedMounts>> {
    let (page, search) = (query.page(), query.search());
    let found = servers::mounts_for_admin(&caller, server, false, page, search).await?;
    Ok(web::Json(OfferedMounts {
        mounts: Page::of(found, present::mounts::offered),
    }))
}

/// Give any server a mount
///
/// One of its node and its egg. It takes effect when the server is started next.
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
        .change(async move |cx| servers::attach_mount_for_admin(&cx, server, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Take a mount from any server
#[utoipa::path(responses((status = 200, description = "The server has it no more.", body = Empty)))]
#[delete("/servers/{server}/mounts/{mount}")]
pub(crate) async fn detach(
    caller: Caller,
    Path((server, mount)): PartOf<MountId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::detach_mount_for_admin(&cx, server, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}
