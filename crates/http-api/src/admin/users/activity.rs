//! `GET /api/admin/users/{user}/activity`.

use actix_web::{get, web};
use panel_api_types::activity::UserActivities;
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::UserId;
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List what a user did with their account
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of entries, newest first.", body = UserActivities))
)]
#[get("/users/{user}/activity")]
pub(crate) async fn list(
    caller: Caller,
    Path(user): Path<UserId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<UserActivities>> {
    let found = users::activity(&caller, user, query.page(), query.search()).await?;
    Ok(web::Json(UserActivities {
        activities: Page::of(found, present::users::user_activity),
    }))
}
