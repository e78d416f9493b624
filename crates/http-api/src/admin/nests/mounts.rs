//! The mounts of an egg.

use actix_web::{delete, get, post, web};
use panel_api_types::Empty;
use panel_api_types::mount::{AttachMount, AttachedMounts};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{EggId, MountId, NestId};
use panel_service::mounts::{self, Holder};

use super::OfEgg;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// The path of a mount of an egg.
type MountOfEgg = Path<(NestId, EggId, MountId)>;

/// List the mounts of an egg
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of mounts, by name.", body = AttachedMounts))
)]
#[get("/nests/{nest}/eggs/{egg}/mounts")]
pub(crate) async fn list(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AttachedMounts>> {
    let (page, search) = (query.page(), query.search());
    let found = mounts::attached(&caller, Holder::Egg(egg), Some(nest), page, search).await?;
    Ok(web::Json(AttachedMounts {
        mounts: Page::of(found, present::mounts::attached),
    }))
}

/// Attach a mount to an egg
#[utoipa::path(
    request_body = AttachMount,
    responses((status = 200, description = "The egg has it.", body = Empty))
)]
#[post("/nests/{nest}/eggs/{egg}/mounts")]
pub(crate) async fn attach(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<AttachMount>,
) -> Answer<web::Json<Empty>> {
    let mount = MountId::from(body.mount_uuid);
    caller
        .change(async move |cx| mounts::attach(&cx, Holder::Egg(egg), Some(nest), mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Detach a mount from an egg
///
/// No server of it may have it any more.
#[utoipa::path(responses((status = 200, description = "The egg has it no more.", body = Empty)))]
#[delete("/nests/{nest}/eggs/{egg}/mounts/{mount}")]
pub(crate) async fn detach(
    caller: Caller,
    Path((nest, egg, mount)): MountOfEgg,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| mounts::detach(&cx, Holder::Egg(egg), Some(nest), mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}
