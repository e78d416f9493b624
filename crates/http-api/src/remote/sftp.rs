//! Signing in to a server's files.

use actix_web::{HttpResponse, post};
use panel_service::remote::{self, SftpAuth};

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// May somebody connect by SFTP?
#[utoipa::path(
    request_body = serde_json::Value,
    responses((status = 200, description = "They may, to this extent.", body = serde_json::Value)),
)]
#[post("/sftp/auth")]
pub(crate) async fn authenticate(caller: Caller, input: Json<SftpAuth>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(remote::authenticate_sftp(&caller, input.into_inner()).await?))
}
