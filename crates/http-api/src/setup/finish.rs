//! `POST /api/setup/finish`.

use actix_web::post;
use actix_web::web::Json;
use panel_api_types::Empty;
use panel_service::auth::setup;

use crate::error::Answer;
use crate::extract::Caller;

/// End the setup, whatever is left of it
#[utoipa::path(responses((status = 200, description = "The setup is finished.", body = Empty)))]
#[post("")]
pub(crate) async fn finish(caller: Caller) -> Answer<Json<Empty>> {
    caller
        .change(async move |cx| setup::finish(&cx).await)
        .await?;
    Ok(Json(Empty {}))
}
