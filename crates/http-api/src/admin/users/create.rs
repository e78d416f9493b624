//! `POST /api/admin/users`.

use actix_web::{post, web};
use panel_api_types::user::{CreateUser, UserBody};
use panel_domain::id::RoleId;
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::present;

/// Make a user
///
/// This panel sends no mail yet: `send_email` is taken and does nothing.
#[utoipa::path(
    request_body = CreateUser,
    responses((status = 200, description = "The user.", body = UserBody))
)]
#[post("/users")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateUser>,
) -> Answer<web::Json<UserBody>> {
    let input = users::NewUser {
        external_id: body.external_id,
        role: body.role_uuid.map(RoleId::from),
        username: body.username,
        email: body.email,
        name_first: body.name_first,
        name_last: body.name_last,
        password: body.password.map(Into::into),
        admin: body.admin,
        frozen: body.frozen,
        suspended: body.suspended,
        language: body.language,
    };
    let made = caller
        .change(async move |cx| users::create(&cx, input).await)
        .await?;
    Ok(web::Json(UserBody {
        user: present::users::admin_user(&made),
    }))
}
