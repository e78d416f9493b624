//! `DELETE /api/admin/users/{user}/two-factor`.

use actix_web::{delete, web};
use panel_api_types::Empty;
use panel_domain::id::UserId;
use panel_service::two_factor;

use crate::error::Answer;
use crate::extract::{Caller, Path};

/// Turn a user's second factor off
#[utoipa::path(responses((status = 200, description = "It is off.", body = Empty)))]
#[delete("/users/{user}/two-factor")]
pub(crate) async fn disable(caller: Caller, Path(user): Path<UserId>) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| two_factor::disable_for(&cx, user).await)
        .await?;
    Ok(web::Json(Empty {}))
}
