//! The console commands that the own account keeps.

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::command_snippet::{
    CommandSnippetBody, CommandSnippets, CreateCommandSnippet, DuplicateCommandSnippet,
    UpdateCommandSnippet,
};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::CommandSnippetId;
use panel_service::command_snippets;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the own command snippets
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of snippets, by name.", body = CommandSnippets))
)]
#[get("/account/command-snippets")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<CommandSnippets>> {
    let found = command_snippets::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(CommandSnippets {
        command_snippets: Page::of(found, present::account::command_snippet),
    }))
}

/// Keep a console command
#[utoipa::path(
    request_body = CreateCommandSnippet,
    responses((status = 200, description = "The snippet.", body = CommandSnippetBody))
)]
#[post("/account/command-snippets")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateCommandSnippet>,
) -> Answer<web::Json<CommandSnippetBody>> {
    let input = command_snippets::NewCommandSnippet {
        name: body.name,
        command: body.command,
        eggs: body.eggs,
    };
    let made = caller
        .change(async move |cx| command_snippets::create(&cx, input).await)
        .await?;
    Ok(web::Json(CommandSnippetBody {
        command_snippet: present::account::command_snippet(made),
    }))
}

/// Change a command snippet
#[utoipa::path(
    request_body = UpdateCommandSnippet,
    responses((status = 200, description = "The snippet is changed.", body = Empty))
)]
#[patch("/account/command-snippets/{command_snippet}")]
pub(crate) async fn update(
    caller: Caller,
    Path(command_snippet): Path<CommandSnippetId>,
    Json(body): Json<UpdateCommandSnippet>,
) -> Answer<web::Json<Empty>> {
    let input = command_snippets::UpdateCommandSnippet {
        name: body.name,
        command: body.command,
        eggs: body.eggs,
    };
    caller
        .change(async move |cx| command_snippets::update(&cx, command_snippet, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Copy a command snippet
#[utoipa::path(
    request_body = DuplicateCommandSnippet,
    responses((status = 200, description = "The copy.", body = CommandSnippetBody))
)]
#[post("/account/command-snippets/{command_snippet}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path(command_snippet): Path<CommandSnippetId>,
    Json(body): Json<DuplicateCommandSnippet>,
) -> Answer<web::Json<CommandSnippetBody>> {
    let made = caller
        .change(async move |cx| command_snippets::duplicate(&cx, command_snippet, body.name).await)
        .await?;
    Ok(web::Json(CommandSnippetBody {
        command_snippet: present::account::command_snippet(made),
    }))
}

/// Delete a command snippet
#[utoipa::path(responses((status = 200, description = "It is deleted.", body = Empty)))]
#[delete("/account/command-snippets/{command_snippet}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(command_snippet): Path<CommandSnippetId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| command_snippets::delete(&cx, command_snippet).await)
        .await?;
    Ok(web::Json(Empty {}))
}
