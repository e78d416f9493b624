//! `PUT /api/client/account/email`.

use actix_web::{put, web};
use panel_api_types::Empty;
use panel_api_types::account::ChangeEmail;
use panel_service::accounts;

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// Change the own e-mail address
#[utoipa::path(
    request_body = ChangeEmail,
    responses((status = 200, description = "The address is changed.", body = Empty))
)]
#[put("/account/email")]
pub(crate) async fn change(
    caller: Caller,
    Json(body): Json<ChangeEmail>,
) -> Answer<web::Json<Empty>> {
    let input = accounts::ChangeEmail {
        email: body.email,
        password: body.password.into(),
    };
    caller
        .change(async move |cx| accounts::change_email(&cx, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
