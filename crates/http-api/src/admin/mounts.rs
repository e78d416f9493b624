//! `/api/admin/mounts`: folders of nodes that servers may have.

mod places;

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::mount::{CreateMount, DuplicateMount, MountBody, Mounts, UpdateMount};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::MountId;
use panel_service::mounts::{self, MountChanges, NewMount};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;
use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(list)
        .service(create)
        .service(read)
        .service(update)
        .service(remove)
        .service(duplicate)
        .service(places::nodes)
        .service(places::eggs)
        .service(places::servers);
}

fn body(mount: mounts::Mount) -> web::Json<MountBody> {
    web::Json(MountBody {
        mount: present::mounts::mount(mount),
    })
}

/// List the mounts
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of mounts, by name.", body = Mounts))
)]
#[get("/mounts")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Mounts>> {
    let found = mounts::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Mounts {
        mounts: Page::of(found, present::mounts::mount),
    }))
}

/// Make a mount
///
/// Servers may have it once their node and their egg have it.
#[utoipa::path(
    request_body = CreateMount,
    responses((status = 200, description = "The mount.", body = MountBody))
)]
#[post("/mounts")]
pub(crate) async fn create(
    caller: Caller,
    Json(input): Json<CreateMount>,
) -> Answer<web::Json<MountBody>> {
    let input = NewMount {
        name: input.name,
        description: input.description,
        source: input.source,
        target: input.target,
        read_only: input.read_only,
        user_mountable: input.user_mountable,
    };
    let made = caller
        .change(async move |cx| mounts::create(&cx, input).await)
        .await?;
    Ok(body(made))
}

/// Read a mount
#[utoipa::path(responses((status = 200, description = "The mount.", body = MountBody)))]
#[get("/mounts/{mount}")]
pub(crate) async fn read(
    caller: Caller,
    Path(mount): Path<MountId>,
) -> Answer<web::Json<MountBody>> {
    Ok(body(mounts::get(&caller, mount).await?))
}

/// Change a mount
///
/// The servers that have it are told; it takes effect when they are started next.
#[utoipa::path(
    request_body = UpdateMount,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/mounts/{mount}")]
pub(crate) async fn update(
    caller: Caller,
    Path(mount): Path<MountId>,
    Json(input): Json<UpdateMount>,
) -> Answer<web::Json<Empty>> {
    let changes = MountChanges {
        name: input.name,
        description: input.description,
        source: input.source,
        target: input.target,
        read_only: input.read_only,
        user_mountable: input.user_mountable,
    };
    caller
        .change(async move |cx| mounts::update(&cx, mount, changes).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a mount that no server has
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/mounts/{mount}")]
pub(crate) async fn remove(caller: Caller, Path(mount): Path<MountId>) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| mounts::delete(&cx, mount).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Make a mount like another one
///
/// It is attached to nothing yet.
#[utoipa::path(
    request_body = DuplicateMount,
    responses((status = 200, description = "The new mount.", body = MountBody))
)]
#[post("/mounts/{mount}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path(mount): Path<MountId>,
    Json(input): Json<DuplicateMount>,
) -> Answer<web::Json<MountBody>> {
    let made = caller
        .change(async move |cx| {
            mounts::duplicate(&cx, mount, input.name, input.source, input.target).await
        })
        .await?;
    Ok(body(made))
}
