//! `PATCH /api/client/account`.

use actix_web::{patch, web};
use panel_api_types::Empty;
use panel_api_types::account::UpdateAccount;
use panel_service::accounts;

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// Change the own profile
#[utoipa::path(
    request_body = UpdateAccount,
    responses((status = 200, description = "The profile is changed.", body = Empty))
)]
#[patch("/account")]
pub(crate) async fn update(
    caller: Caller,
    Json(body): Json<UpdateAccount>,
) -> Answer<web::Json<Empty>> {
    let input = accounts::UpdateAccount {
        username: body.username,
        name_first: body.name_first,
        name_last: body.name_last,
        language: body.language,
        toast_position: body
            .toast_position
            .map(|position| position.name().to_owned()),
        start_on_grouped_servers: body.start_on_grouped_servers,
    };
    caller
        .change(async move |cx| accounts::update(&cx, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
