//! `GET /api/admin/users/{user}`, by id and by what another system calls them.

use actix_web::{get, web};
use panel_api_types::user::UserBody;
use panel_domain::id::UserId;
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// Read a user
#[utoipa::path(responses((status = 200, description = "The user.", body = UserBody)))]
#[get("/users/{user}")]
pub(crate) async fn get(caller: Caller, Path(user): Path<UserId>) -> Answer<web::Json<UserBody>> {
    let found = users::get(&caller, user).await?;
    Ok(web::Json(UserBody {
        user: present::users::admin_user(&found),
    }))
}

/// Read the user whom another system calls so
#[utoipa::path(
    params(("user" = String, Path, description = "The external identifier.")),
    responses((status = 200, description = "The user.", body = UserBody))
)]
#[get("/users/external/{user}")]
pub(crate) async fn get_external(
    caller: Caller,
    Path(external_id): Path<String>,
) -> Answer<web::Json<UserBody>> {
    let found = users::find_external(&caller, &external_id).await?;
    Ok(web::Json(UserBody {
        user: present::users::admin_user(&found),
    }))
}
