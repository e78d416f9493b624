//! `GET /api/admin/servers`.

use actix_web::{get, web};
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::server::AdminServers;
use panel_service::servers::{self, ListAdminServers};

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::present;

/// List all servers
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers.", body = AdminServers))
)]
#[get("/servers")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminServers>> {
    let input = ListAdminServers {
        search: query.search().map(str::to_owned),
        ..ListAdminServers::default()
    };
    let found = servers::list_admin(&caller, query.page(), input).await?;
    Ok(web::Json(AdminServers {
        servers: Page::try_of(found, present::servers::admin_server)?,
    }))
}
