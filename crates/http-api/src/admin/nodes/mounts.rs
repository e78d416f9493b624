//! The mounts of a node.

use actix_web::{delete, get, post, web};
use panel_api_types::Empty;
use panel_api_types::mount::{AttachMount, AttachedMounts};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{MountId, NodeId};
use panel_service::mounts::{self, Holder};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// The path of a mount of a node.
type MountOfNode = Path<(NodeId, MountId)>;

/// List the mounts of a node
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of mounts, by name.", body = AttachedMounts))
)]
#[get("/nodes/{node}/mounts")]
pub(crate) async fn list(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AttachedMounts>> {
    let holder = Holder::Node(node);
    let found = mounts::attached(&caller, holder, None, query.page(), query.search()).await?;
    Ok(web::Json(AttachedMounts {
        mounts: Page::of(found, present::mounts::attached),
    }))
}

/// Attach a mount to a node
#[utoipa::path(
    request_body = AttachMount,
    responses((status = 200, description = "The node has it.", body = Empty))
)]
#[post("/nodes/{node}/mounts")]
pub(crate) async fn attach(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<AttachMount>,
) -> Answer<web::Json<Empty>> {
    let mount = MountId::from(body.mount_uuid);
    caller
        .change(async move |cx| mounts::attach(&cx, Holder::Node(node), None, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Detach a mount from a node
///
/// No server there may have it any more.
#[utoipa::path(responses((status = 200, description = "The node has it no more.", body = Empty)))]
#[delete("/nodes/{node}/mounts/{mount}")]
pub(crate) async fn detach(
    caller: Caller,
    Path((node, mount)): MountOfNode,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| mounts::detach(&cx, Holder::Node(node), None, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}
