//! `DELETE /api/admin/users/{user}`.

use actix_web::{delete, web};
use panel_api_types::Empty;
use panel_domain::id::UserId;
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Path};

/// Delete a user who owns no server
#[utoipa::path(responses((status = 200, description = "The user is gone.", body = Empty)))]
#[delete("/users/{user}")]
pub(crate) async fn delete(caller: Caller, Path(user): Path<UserId>) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| users::delete(&cx, user).await)
        .await?;
    Ok(web::Json(Empty {}))
}
