//! `/api/client/servers/{server}/files/contents` and `/write`.

use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use panel_api_types::Empty;
use panel_api_types::file::FileQuery;
use panel_domain::id::ServerRef;
use panel_service::files;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query, content};

/// Read a file
///
/// Up to 10 MiB; larger ones are to be downloaded.
#[utoipa::path(
    params(FileQuery),
    responses((status = 200, description = "Its content.", body = String, content_type = "text/plain"))
)]
#[get("/servers/{server}/files/contents")]
pub(crate) async fn read(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<FileQuery>,
) -> Answer<HttpResponse> {
    let reading = files::read(&caller, server, &query.file).await?;
    Ok(text(reading))
}

/// Content that browsers take for nothing but text.
pub(super) fn text(reading: files::Reading) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(content::body(reading))
}

/// Write a file
///
/// The body is its whole content, of any media type; directories on its way are made. It is passed on as it comes. A body without a length,
/// or with an `Idempotency-Key`, may have 4 MiB at most.
#[utoipa::path(
    params(FileQuery),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 200, description = "It is written.", body = Empty))
)]
#[post("/servers/{server}/files/write")]
pub(crate) async fn write(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<FileQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer<web::Json<Empty>> {
    let content = content::with_length(&request, payload.into_inner()).await?;
    caller
        .change(async move |cx| files::write(&cx, server, &query.file, content).await)
        .await?;
    Ok(web::Json(Empty {}))
}
