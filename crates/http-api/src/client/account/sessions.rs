//! The sessions of the own account.

use actix_web::{delete, get, web};
use panel_api_types::Empty;
use panel_api_types::account::{DeletedSessions, Sessions};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::actor::UserActor;
use panel_domain::id::SessionId;
use panel_service::sessions;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List where one is signed in
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of sessions, last used first.", body = Sessions))
)]
#[get("/account/sessions")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Sessions>> {
    let asking = caller.actor().user().and_then(UserActor::session);
    let found = sessions::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Sessions {
        sessions: Page::of(found, |session| present::account::session(session, asking)),
    }))
}

/// End all sessions but the one that asks
#[utoipa::path(responses((status = 200, description = "How many have ended.", body = DeletedSessions)))]
#[delete("/account/sessions")]
pub(crate) async fn delete_others(caller: Caller) -> Answer<web::Json<DeletedSessions>> {
    let deleted = caller
        .change(async move |cx| sessions::delete_others(&cx).await)
        .await?;
    Ok(web::Json(DeletedSessions {
        deleted: i64::try_from(deleted).unwrap_or(i64::MAX),
    }))
}

/// End a session
#[utoipa::path(responses((status = 200, description = "It has ended.", body = Empty)))]
#[delete("/account/sessions/{session}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(session): Path<SessionId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| sessions::delete(&cx, session).await)
        .await?;
    Ok(web::Json(Empty {}))
}
