//! `GET /api/client/account/activity`.

use actix_web::{get, web};
use panel_api_types::activity::UserActivities;
use panel_api_types::page::{Page, SearchQuery};
use panel_service::accounts;

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::present;

/// List what was done with the own account
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of entries, newest first.", body = UserActivities))
)]
#[get("/account/activity")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<UserActivities>> {
    let found = accounts::activity(&caller, query.page(), query.search()).await?;
    Ok(web::Json(UserActivities {
        activities: Page::of(found, present::users::user_activity),
    }))
}
