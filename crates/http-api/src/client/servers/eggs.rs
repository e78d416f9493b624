//! `/api/client/servers/eggs`: what servers run.

use actix_web::{get, web};
use panel_api_types::command_snippet::EggCommandSnippets;
use panel_api_types::egg::ServerEggs;
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::EggId;
use panel_service::{command_snippets as snippets, eggs};

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
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

/// List the own command snippets for servers of an egg
///
/// Those for all eggs are among them.
#[utoipa::path(responses((status = 200, description = "The snippets, by name.", body = EggCommandSnippets)))]
#[get("/servers/eggs/{egg}/command-snippets")]
pub(crate) async fn command_snippets(
    caller: Caller,
    Path(egg): Path<EggId>,
) -> Answer<web::Json<EggCommandSnippets>> {
    let found = snippets::for_egg(&caller, egg).await?;
    Ok(web::Json(EggCommandSnippets {
        command_snippets: found
            .into_iter()
            .map(present::account::command_snippet)
            .collect(),
    }))
}
