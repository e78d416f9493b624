//! Reading eggs.

use actix_web::{get, web};
use panel_api_types::egg::{EggBody, Eggs};
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::server::AdminServers;
use panel_domain::id::NestId;
use panel_service::eggs;

use super::OfEgg;
use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the eggs of a nest
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of eggs.", body = Eggs))
)]
#[get("/nests/{nest}/eggs")]
pub(crate) async fn list(
    caller: Caller,
    Path(nest): Path<NestId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Eggs>> {
    let found = eggs::list(&caller, nest, query.page(), query.search()).await?;
    Ok(web::Json(Eggs {
        eggs: Page::try_of(found, present::eggs::admin_egg)?,
    }))
}

/// Read an egg
#[utoipa::path(responses((status = 200, description = "The egg.", body = EggBody)))]
#[get("/nests/{nest}/eggs/{egg}")]
pub(crate) async fn get(caller: Caller, Path((nest, egg)): OfEgg) -> Answer<web::Json<EggBody>> {
    let found = eggs::get(&caller, nest, egg).await?;
    Ok(web::Json(EggBody {
        egg: present::eggs::admin_egg(found)?,
    }))
}

/// List the servers that run an egg
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers.", body = AdminServers))
)]
#[get("/nests/{nest}/eggs/{egg}/servers")]
pub(crate) async fn servers(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminServers>> {
    let found = eggs::servers(&caller, nest, egg, query.page(), query.search()).await?;
    Ok(web::Json(AdminServers {
        servers: Page::try_of(found, present::servers::admin_server)?,
    }))
}
