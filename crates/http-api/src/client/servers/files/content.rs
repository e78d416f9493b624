//! `/api/client/servers/{server}/files/contents` and `/write`.

use actix_web::http::header::{ContentType, ETAG, HeaderValue, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use panel_api_types::Empty;
use panel_api_types::error::ApiError;
use panel_api_types::file::{FileQuery, WriteQuery};
use panel_domain::id::ServerRef;
use panel_service::Error;
use panel_service::files::{self, Expected};

use crate::error::Answer;
use crate::extract::{Caller, Path, Query, content};

/// Read a file
///
/// Up to 10 MiB; larger ones are to be downloaded. One of up to 1 MiB has an `ETag`: equal content, equal tag.
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
    let tag = reading.version().map(str::to_owned);
    let mut answer = text(reading);
    if let Some(tag) = tag {
        let tag = HeaderValue::from_str(&format!("\"{tag}\"")).map_err(Error::internal)?;
        answer.headers_mut().insert(ETAG, tag);
    }
    Ok(answer)
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
///
/// With `If-Match` and the `ETag` that came with the content, only the file that was read is written: 412 with the code `file_changed` when it is
/// another meanwhile. With `create_only`, only a new file is: 412 with the code `file_exists` when there is one.
#[utoipa::path(
    params(
        WriteQuery,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the content that is to be replaced."),
    ),
    request_body(content = String, content_type = "text/plain"),
    responses(
        (status = 200, description = "It is written.", body = Empty),
        (status = 412, description = "The file is not as expected.", body = ApiError),
    )
)]
#[post("/servers/{server}/files/write")]
pub(crate) async fn write(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<WriteQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer<web::Json<Empty>> {
    let expected = expected(&request, query.create_only)?;
    let content = content::with_length(&request, payload.into_inner()).await?;
    caller
        .change(async move |cx| files::write(&cx, server, &query.file, &expected, content).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// What a request to write a file takes for granted.
fn expected(request: &HttpRequest, create_only: bool) -> Result<Expected, Error> {
    let tag = request.headers().get(IF_MATCH);
    match (tag, create_only) {
        (None, false) => Ok(Expected::Anything),
        (None, true) => Ok(Expected::Absent),
        (Some(_), true) => Err(Error::invalid(
            "create_only",
            "must be left out with the header If-Match",
        )),
        (Some(tag), false) => {
            let version = tag
                .to_str()
                .ok()
                .and_then(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"'));
            version
                .filter(|version| !version.is_empty())
                .map(|version| Expected::Version(version.to_owned()))
                .ok_or_else(|| {
                    Error::invalid("if-match", "must be an ETag as it came with the content")
                })
        }
    }
}
