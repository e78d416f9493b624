//! `POST /api/setup`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use panel_api_types::auth::LoginResult;
use panel_api_types::setup::CreateFirstUser;
use panel_service::auth::setup::{self, FirstAccount};

use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::state::AppState;
use crate::{cookies, present};

/// Make the first account, an administrator, and sign it in
///
/// Works once, with the token that the server printed at its start.
#[utoipa::path(
    request_body = CreateFirstUser,
    responses((status = 200, description = "The account was made and is signed in.", body = LoginResult))
)]
#[post("/setup")]
pub(crate) async fn create(
    state: Data<AppState>,
    caller: Caller,
    Json(body): Json<CreateFirstUser>,
) -> Answer<HttpResponse> {
    let input = FirstAccount {
        setup_token: body.setup_token.into(),
        username: body.username,
        email: body.email,
        name_first: body.name_first,
        name_last: body.name_last,
        password: body.password.into(),
    };
    let signed_in = caller
        .change(async move |cx| setup::create_first_account(&cx, input).await)
        .await?;
    let mut response = HttpResponse::Ok();
    cookies::sign_in(&mut response, &state, &caller, &signed_in);
    Ok(response.json(LoginResult::Completed {
        user: Box::new(present::signed_in(&signed_in)),
    }))
}
