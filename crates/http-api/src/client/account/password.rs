//! `PUT /api/client/account/password`.

use actix_web::{put, web};
use panel_api_types::Empty;
use panel_api_types::account::ChangePassword;
use panel_service::accounts;

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// Change the own password
///
/// All other sessions end.
#[utoipa::path(
    request_body = ChangePassword,
    responses((status = 200, description = "The password is changed.", body = Empty))
)]
#[put("/account/password")]
pub(crate) async fn change(
    caller: Caller,
    Json(body): Json<ChangePassword>,
) -> Answer<web::Json<Empty>> {
    let input = accounts::ChangePassword {
        password: body.password.into(),
        new_password: body.new_password.into(),
    };
    caller
        .change(async move |cx| accounts::change_password(&cx, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
