//! Who else may use a server.

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::subuser::{CreateSubuser, SubuserBody, Subusers, UpdateSubuser};
use panel_domain::id::{ServerRef, UserId};
use panel_service::servers;

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the people a server is shared with
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of subusers.", body = Subusers))
)]
#[get("/servers/{server}/subusers")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Subusers>> {
    let found = servers::subusers(&caller, server, query.page(), query.search()).await?;
    Ok(web::Json(Subusers {
        subusers: Page::of(found, present::servers::subuser),
    }))
}

/// Share a server with somebody
///
/// Who has no account at this address gets one without a password.
#[utoipa::path(
    request_body = CreateSubuser,
    responses((status = 200, description = "The subuser.", body = SubuserBody))
)]
#[post("/servers/{server}/subusers")]
pub(crate) async fn invite(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CreateSubuser>,
) -> Answer<web::Json<SubuserBody>> {
    let input = servers::InviteSubuser {
        email: body.email,
        permissions: body.permissions,
        ignored_files: body.ignored_files,
    };
    let subuser = caller
        .change(async move |cx| servers::invite_subuser(&cx, server, input).await)
        .await?;
    Ok(web::Json(SubuserBody {
        subuser: present::servers::subuser(subuser),
    }))
}

/// Change what somebody may do with a server
#[utoipa::path(
    request_body = UpdateSubuser,
    responses((status = 200, description = "It holds from now on.", body = Empty))
)]
#[patch("/servers/{server}/subusers/{subuser}")]
pub(crate) async fn change(
    caller: Caller,
    Path((server, user)): PartOf<UserId>,
    Json(body): Json<UpdateSubuser>,
) -> Answer<web::Json<Empty>> {
    let input = servers::ChangeSubuser {
        permissions: body.permissions,
        ignored_files: body.ignored_files,
    };
    caller
        .change(async move |cx| servers::change_subuser(&cx, server, user, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Stop sharing a server with somebody
#[utoipa::path(responses((status = 200, description = "They do not see it any more.", body = Empty)))]
#[delete("/servers/{server}/subusers/{subuser}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((server, user)): PartOf<UserId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::remove_subuser(&cx, server, user).await)
        .await?;
    Ok(web::Json(Empty {}))
}
