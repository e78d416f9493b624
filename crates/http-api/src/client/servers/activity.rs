//! `GET /api/client/servers/{server}/activity`.

use actix_web::{get, web};
use panel_api_types::activity::{ServerActivities, ServerActivityQuery};
use panel_api_types::page::Page;
use panel_domain::id::{ServerRef, UserId};
use panel_domain::page::Page as Wanted;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List what was done on a server
#[utoipa::path(
    params(ServerActivityQuery),
    responses((status = 200, description = "The entries, newest first.", body = ServerActivities))
)]
#[get("/servers/{server}/activity")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<ServerActivityQuery>,
) -> Answer<web::Json<ServerActivities>> {
    let page = Wanted::new(query.page, query.per_page);
    let search = query.search.as_deref().map(str::trim);
    let search = search.filter(|search| !search.is_empty());
    let by = query.user.map(UserId::from);
    let found = servers::activity(&caller, server, page, search, by).await?;
    Ok(web::Json(ServerActivities {
        activities: Page::of(found, present::servers::server_activity),
    }))
}
