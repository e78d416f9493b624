//! `GET /api/admin/users`.

use actix_web::{get, web};
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::user::Users;
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::present;

/// List the users
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of users.", body = Users))
)]
#[get("/users")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Users>> {
    let found = users::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Users {
        users: Page::of(found, |user| present::users::admin_user(&user)),
    }))
}
