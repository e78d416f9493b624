//! `PATCH /api/admin/users/{user}`.

use actix_web::{patch, web};
use panel_api_types::Empty;
use panel_api_types::user::UpdateUser;
use panel_domain::id::{RoleId, UserId};
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Change a user
#[utoipa::path(
    request_body = UpdateUser,
    responses((status = 200, description = "The user is changed.", body = Empty))
)]
#[patch("/users/{user}")]
pub(crate) async fn update(
    caller: Caller,
    Path(user): Path<UserId>,
    Json(body): Json<UpdateUser>,
) -> Answer<web::Json<Empty>> {
    let input = users::UpdateUser {
        external_id: body.external_id,
        role: body.role_uuid.map(|role| role.map(RoleId::from)),
        username: body.username,
        email: body.email,
        name_first: body.name_first,
        name_last: body.name_last,
        password: body.password.map(|password| password.map(Into::into)),
        admin: body.admin,
        frozen: body.frozen,
        suspended: body.suspended,
        language: body.language,
        toast_position: body
            .toast_position
            .map(|position| position.name().to_owned()),
        start_on_grouped_servers: body.start_on_grouped_servers,
    };
    caller
        .change(async move |cx| users::update(&cx, user, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
