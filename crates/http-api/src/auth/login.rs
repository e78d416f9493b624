//! `POST /api/auth/login`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use panel_api_types::auth::{Login, LoginResult};
use panel_service::auth::{self, FirstStep};

use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::state::AppState;
use crate::{cookies, present};

/// Sign in with a password
///
/// The session travels in a cookie that pages cannot read.
#[utoipa::path(
    request_body = Login,
    responses((status = 200, description = "The password was right.", body = LoginResult))
)]
#[post("/auth/login")]
pub(crate) async fn login(
    state: Data<AppState>,
    caller: Caller,
    Json(body): Json<Login>,
) -> Answer<HttpResponse> {
    let input = auth::Login {
        user: body.user,
        password: body.password.into(),
    };
    let step = caller
        .change(async move |cx| auth::login(&cx, input).await)
        .await?;
    let mut response = HttpResponse::Ok();
    let signed_in = match step {
        FirstStep::SignedIn(signed_in) => signed_in,
        FirstStep::SecondFactor { user, token } => {
            return Ok(response.json(LoginResult::TwoFactorRequired {
                user: present::users::user(&user),
                token: token.expose().to_owned(),
            }));
        }
    };
    cookies::sign_in(&mut response, &state, &caller, &signed_in);
    Ok(response.json(LoginResult::Completed {
        user: Box::new(present::signed_in(&signed_in)),
    }))
}
