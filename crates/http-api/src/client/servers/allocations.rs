//! The addresses of a server.

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::allocation::{
    ServerAllocationBody, ServerAllocations, UpdateServerAllocation,
};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{AllocationId, ServerRef};
use panel_service::servers;

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the addresses of a server
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of addresses.", body = ServerAllocations))
)]
#[get("/servers/{server}/allocations")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<ServerAllocations>> {
    let found = servers::allocations(&caller, server, query.page(), query.search()).await?;
    Ok(web::Json(ServerAllocations {
        allocations: Page::of(found, present::servers::server_allocation),
    }))
}

/// Take one more address for a server
///
/// The panel chooses a free one of the node, as long as the server's limit allows one more.
#[utoipa::path(responses((status = 200, description = "The address.", body = ServerAllocationBody)))]
#[post("/servers/{server}/allocations")]
pub(crate) async fn add(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<ServerAllocationBody>> {
    let address = caller
        .change(async move |cx| servers::add_allocation(&cx, server).await)
        .await?;
    Ok(web::Json(ServerAllocationBody {
        allocation: present::servers::server_allocation(address),
    }))
}

/// Change an address of a server
#[utoipa::path(
    request_body = UpdateServerAllocation,
    responses((status = 200, description = "It is kept.", body = Empty))
)]
#[patch("/servers/{server}/allocations/{allocation}")]
pub(crate) async fn update(
    caller: Caller,
    Path((server, allocation)): PartOf<AllocationId>,
    Json(body): Json<UpdateServerAllocation>,
) -> Answer<web::Json<Empty>> {
    let input = servers::AllocationChange {
        notes: body.notes,
        primary: body.primary,
    };
    caller
        .change(async move |cx| servers::update_allocation(&cx, server, allocation, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Take an address from a server
#[utoipa::path(responses((status = 200, description = "It is free again.", body = Empty)))]
#[delete("/servers/{server}/allocations/{allocation}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((server, allocation)): PartOf<AllocationId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::remove_allocation(&cx, server, allocation).await)
        .await?;
    Ok(web::Json(Empty {}))
}
