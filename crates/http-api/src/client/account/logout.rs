//! `POST /api/client/account/logout`.

use actix_web::http::header::HeaderName;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use panel_api_types::Empty;
use panel_service::auth;

use crate::cookies;
use crate::error::Answer;
use crate::extract::Caller;
use crate::state::AppState;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Sign out
#[utoipa::path(responses((status = 200, description = "The session has ended.", body = Empty)))]
#[post("/account/logout")]
pub(crate) async fn logout(state: Data<AppState>, caller: Caller) -> Answer<HttpResponse> {
    caller
        .change(async move |cx| auth::logout(&cx).await)
        .await?;
    let mut response = HttpResponse::Ok();
    cookies::sign_out(&mut response, &state);
    response.insert_header((CLEAR_SITE_DATA, r#""cache", "storage""#));
    Ok(response.json(Empty {}))
}
