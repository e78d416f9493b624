//! `GET /api/client/servers/eggs`.

use actix_web::{get, web};
use panel_api_types::egg::ServerEggs;
use panel_api_types::page::{Page, SearchQuery};
use panel_service::eggs;

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::present;

/// List the eggs that one's servers run
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of eggs, by name.", body = ServerEggs))
)]
#[get("/servers/eggs")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<ServerEggs>> {
    let found = eggs::of_servers(&caller, query.page(), query.search()).await?;
    Ok(web::Json(ServerEggs {
        nest_eggs: Page::try_of(found, |egg| present::servers::egg(&egg))?,
    }))
}
