//! `/api/client/servers/groups`: how the own servers are arranged.

use actix_web::{delete, get, patch, post, put, web};
use panel_api_types::Empty;
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::server::Servers;
use panel_api_types::server_group::{
    CreateServerGroup, ServerGroupBody, ServerGroupOrder, ServerGroups, UpdateServerGroup,
};
use panel_domain::id::{ServerGroupId, ServerId};
use panel_service::server_groups;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the own groups of servers
#[utoipa::path(responses((status = 200, description = "All groups in their order.", body = ServerGroups)))]
#[get("/servers/groups")]
pub(crate) async fn list(caller: Caller) -> Answer<web::Json<ServerGroups>> {
    let found = server_groups::list(&caller).await?;
    Ok(web::Json(ServerGroups {
        server_groups: found
            .into_iter()
            .map(present::account::server_group)
            .collect(),
    }))
}

/// Make a group of servers
#[utoipa::path(
    request_body = CreateServerGroup,
    responses((status = 200, description = "The group, behind the others.", body = ServerGroupBody))
)]
#[post("/servers/groups")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateServerGroup>,
) -> Answer<web::Json<ServerGroupBody>> {
    let input = server_groups::NewServerGroup {
        name: body.name,
        servers: body.server_order.into_iter().map(ServerId::from).collect(),
    };
    let made = caller
        .change(async move |cx| server_groups::create(&cx, input).await)
        .await?;
    Ok(web::Json(ServerGroupBody {
        server_group: present::account::server_group(made),
    }))
}

/// Put the own groups of servers into an order
///
/// Those that are not named come after the others, as they were.
#[utoipa::path(
    request_body = ServerGroupOrder,
    responses((status = 200, description = "They are in this order.", body = Empty))
)]
#[put("/servers/groups/order")]
pub(crate) async fn reorder(
    caller: Caller,
    Json(body): Json<ServerGroupOrder>,
) -> Answer<web::Json<Empty>> {
    let order = body.server_group_order;
    let order = order.into_iter().map(ServerGroupId::from).collect();
    caller
        .change(async move |cx| server_groups::reorder(&cx, order).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// List the servers of a group
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers, in the group's order.", body = Servers))
)]
#[get("/servers/groups/{server_group}")]
pub(crate) async fn servers(
    caller: Caller,
    Path(server_group): Path<ServerGroupId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Servers>> {
    let search = query.search().map(str::to_owned);
    let found = server_groups::servers(&caller, server_group, query.page(), search).await?;
    Ok(web::Json(Servers {
        servers: Page::try_of(found, present::servers::server)?,
    }))
}

/// Change a group of servers
#[utoipa::path(
    request_body = UpdateServerGroup,
    responses((status = 200, description = "The group is changed.", body = Empty))
)]
#[patch("/servers/groups/{server_group}")]
pub(crate) async fn update(
    caller: Caller,
    Path(server_group): Path<ServerGroupId>,
    Json(body): Json<UpdateServerGroup>,
) -> Answer<web::Json<Empty>> {
    let order = body.server_order;
    let input = server_groups::UpdateServerGroup {
        name: body.name,
        servers: order.map(|order| order.into_iter().map(ServerId::from).collect()),
    };
    caller
        .change(async move |cx| server_groups::update(&cx, server_group, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a group of servers
///
/// Its servers stay.
#[utoipa::path(responses((status = 200, description = "It is deleted.", body = Empty)))]
#[delete("/servers/groups/{server_group}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(server_group): Path<ServerGroupId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| server_groups::delete(&cx, server_group).await)
        .await?;
    Ok(web::Json(Empty {}))
}
