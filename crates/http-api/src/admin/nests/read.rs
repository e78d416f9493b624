//! Reading nests.

use actix_web::{get, web};
use panel_api_types::nest::{NestBody, NestWithEggs, Nests, NestsWithEggs};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::NestId;
use panel_service::nests;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the nests
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of nests.", body = Nests))
)]
#[get("/nests")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Nests>> {
    let found = nests::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Nests {
        nests: Page::of(found, present::eggs::nest),
    }))
}

/// List all nests with all of their eggs
#[utoipa::path(responses((status = 200, description = "Everything there is.", body = NestsWithEggs)))]
#[get("/nests/eggs")]
pub(crate) async fn with_eggs(caller: Caller) -> Answer<web::Json<NestsWithEggs>> {
    let nests = nests::with_eggs(&caller)
        .await?
        .into_iter()
        .map(|found| {
            Ok(NestWithEggs {
                nest: present::eggs::nest(found.nest),
                eggs: found
                    .eggs
                    .into_iter()
                    .map(present::eggs::admin_egg)
                    .collect::<Result<_, _>>()?,
            })
        })
        .collect::<Result<_, panel_service::Error>>()?;
    Ok(web::Json(NestsWithEggs { nests }))
}

/// Read a nest
#[utoipa::path(responses((status = 200, description = "The nest.", body = NestBody)))]
#[get("/nests/{nest}")]
pub(crate) async fn get(caller: Caller, Path(nest): Path<NestId>) -> Answer<web::Json<NestBody>> {
    let found = nests::get(&caller, nest).await?;
    Ok(web::Json(NestBody {
        nest: present::eggs::nest(found),
    }))
}
