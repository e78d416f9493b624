//! Making, changing and deleting roles.

use actix_web::{delete, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::role::{CreateRole, DuplicateRole, RoleBody, UpdateRole};
use panel_domain::id::RoleId;
use panel_service::roles;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Make a role
#[utoipa::path(
    request_body = CreateRole,
    responses((status = 200, description = "The role.", body = RoleBody))
)]
#[post("/roles")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateRole>,
) -> Answer<web::Json<RoleBody>> {
    let input = roles::NewRole {
        name: body.name,
        description: body.description,
        require_two_factor: body.require_two_factor,
        admin_permissions: body.admin_permissions,
        server_permissions: body.server_permissions,
    };
    let made = caller
        .change(async move |cx| roles::create(&cx, input).await)
        .await?;
    Ok(web::Json(RoleBody {
        role: present::users::role(&made),
    }))
}

/// Change a role
#[utoipa::path(
    request_body = UpdateRole,
    responses((status = 200, description = "The role is changed.", body = Empty))
)]
#[patch("/roles/{role}")]
pub(crate) async fn update(
    caller: Caller,
    Path(role): Path<RoleId>,
    Json(body): Json<UpdateRole>,
) -> Answer<web::Json<Empty>> {
    let input = roles::UpdateRole {
        name: body.name,
        description: body.description,
        require_two_factor: body.require_two_factor,
        admin_permissions: body.admin_permissions,
        server_permissions: body.server_permissions,
    };
    caller
        .change(async move |cx| roles::update(&cx, role, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a role
#[utoipa::path(responses((status = 200, description = "The role is gone.", body = Empty)))]
#[delete("/roles/{role}")]
pub(crate) async fn delete(caller: Caller, Path(role): Path<RoleId>) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| roles::delete(&cx, role).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Make a role that grants the same as another
#[utoipa::path(
    request_body = DuplicateRole,
    responses((status = 200, description = "The new role.", body = RoleBody))
)]
#[post("/roles/{role}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path(role): Path<RoleId>,
    Json(body): Json<DuplicateRole>,
) -> Answer<web::Json<RoleBody>> {
    let made = caller
        .change(async move |cx| roles::duplicate(&cx, role, body.name).await)
        .await?;
    Ok(web::Json(RoleBody {
        role: present::users::role(&made),
    }))
}
