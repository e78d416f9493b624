//! `GET /api/client/servers`.

use actix_web::{get, web};
use panel_api_types::page::Page;
use panel_api_types::server::{Servers, ServersQuery};
use panel_domain::page::Page as Wanted;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::present;

/// List the servers one owns or was given a share of
#[utoipa::path(
    params(ServersQuery),
    responses((status = 200, description = "A page of servers.", body = Servers))
)]
#[get("/servers")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<ServersQuery>,
) -> Answer<web::Json<Servers>> {
    let page = Wanted::new(query.page, query.per_page);
    let search = query.search.filter(|search| !search.trim().is_empty());
    let found = servers::list(&caller, page, search, query.other).await?;
    Ok(web::Json(Servers {
        servers: Page::try_of(found, present::servers::server)?,
    }))
}
