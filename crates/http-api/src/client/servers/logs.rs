//! `GET /api/client/servers/{server}/logs`.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, get};
use panel_api_types::server::LinesQuery;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};

/// Read the last lines of the console of a server
#[utoipa::path(
    params(LinesQuery),
    responses((status = 200, description = "The lines, oldest first.", body = String, content_type = "text/plain"))
)]
#[get("/servers/{server}/logs")]
pub(crate) async fn console(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<LinesQuery>,
) -> Answer<HttpResponse> {
    let log = servers::console_log(&caller, server, query.lines).await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(log))
}
