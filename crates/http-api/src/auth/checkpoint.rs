//! `POST /api/auth/login/checkpoint`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use panel_api_types::account::Account;
use panel_api_types::auth::Checkpoint;
use panel_service::auth;

use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::state::AppState;
use crate::{cookies, present};

/// Sign in with the second factor, after the password
///
/// What the password gave is good for one sign-in within five minutes.
#[utoipa::path(
    request_body = Checkpoint,
    responses((status = 200, description = "Signed in: the answer carries the session's cookie.", body = Account))
)]
#[post("/auth/login/checkpoint")]
pub(crate) async fn checkpoint(
    state: Data<AppState>,
    caller: Caller,
    Json(body): Json<Checkpoint>,
) -> Answer<HttpResponse> {
    let input = auth::SecondStep {
        token: body.confirmation_token,
        code: body.code,
    };
    let signed_in = caller
        .change(async move |cx| auth::checkpoint(&cx, input).await)
        .await?;
    let mut response = HttpResponse::Ok();
    cookies::sign_in(&mut response, &state, &caller, &signed_in);
    Ok(response.json(Account {
        user: present::signed_in(&signed_in),
    }))
}
