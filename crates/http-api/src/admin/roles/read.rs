//! Reading roles.

use actix_web::{get, web};
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::role::{RoleBody, Roles};
use panel_api_types::user::Users;
use panel_domain::id::RoleId;
use panel_service::roles;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the roles
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of roles.", body = Roles))
)]
#[get("/roles")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Roles>> {
    let found = roles::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Roles {
        roles: Page::of(found, |role| present::users::role(&role)),
    }))
}

/// Read a role
#[utoipa::path(responses((status = 200, description = "The role.", body = RoleBody)))]
#[get("/roles/{role}")]
pub(crate) async fn get(caller: Caller, Path(role): Path<RoleId>) -> Answer<web::Json<RoleBody>> {
    let found = roles::get(&caller, role).await?;
    Ok(web::Json(RoleBody {
        role: present::users::role(&found),
    }))
}

/// List the users who hold a role
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of users.", body = Users))
)]
#[get("/roles/{role}/users")]
pub(crate) async fn users(
    caller: Caller,
    Path(role): Path<RoleId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Users>> {
    let found = roles::holders(&caller, role, query.page(), query.search()).await?;
    Ok(web::Json(Users {
        users: Page::of(found, |user| present::users::admin_user(&user)),
    }))
}
