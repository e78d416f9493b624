//! The second factor of the own account.

use actix_web::{delete, get, post, web};
use panel_api_types::Empty;
use panel_api_types::account::{DisableTwoFactor, EnableTwoFactor, RecoveryCodes, TwoFactorSetup};
use panel_service::two_factor;

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// Begin to set up the own second factor
///
/// Each call gives another secret; that of the last one counts.
#[utoipa::path(responses((status = 200, description = "What the authenticator has to be told.", body = TwoFactorSetup)))]
#[get("/account/two-factor")]
pub(crate) async fn set_up(caller: Caller) -> Answer<web::Json<TwoFactorSetup>> {
    let setup = two_factor::set_up(&caller).await?;
    Ok(web::Json(TwoFactorSetup {
        otp_url: setup.url.into_exposed(),
        secret: setup.secret.into_exposed(),
    }))
}

/// Turn the own second factor on
#[utoipa::path(
    request_body = EnableTwoFactor,
    responses((status = 200, description = "It is on. The recovery codes are not shown again.", body = RecoveryCodes))
)]
#[post("/account/two-factor")]
pub(crate) async fn enable(
    caller: Caller,
    Json(body): Json<EnableTwoFactor>,
) -> Answer<web::Json<RecoveryCodes>> {
    let input = two_factor::EnableTwoFactor {
        code: body.code,
        password: body.password.into(),
    };
    let codes = caller
        .change(async move |cx| two_factor::enable(&cx, input).await)
        .await?;
    Ok(web::Json(RecoveryCodes {
        recovery_codes: codes.iter().map(|code| code.expose().to_owned()).collect(),
    }))
}

/// Turn the own second factor off
#[utoipa::path(
    request_body = DisableTwoFactor,
    responses((status = 200, description = "It is off.", body = Empty))
)]
#[delete("/account/two-factor")]
pub(crate) async fn disable(
    caller: Caller,
    Json(body): Json<DisableTwoFactor>,
) -> Answer<web::Json<Empty>> {
    let input = two_factor::DisableTwoFactor {
        code: body.code,
        password: body.password.into(),
    };
    caller
        .change(async move |cx| two_factor::disable(&cx, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
