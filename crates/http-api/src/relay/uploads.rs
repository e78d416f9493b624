//! Uploads.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use panel_api_types::Empty;
use panel_domain::id::NodeId;
use panel_domain::validate::Invalid;
use panel_service::Error;
use panel_service::files::Content;
use panel_service::relay::{self, Part, Upload};
use serde::Deserialize;

use super::open_sockets::OpenSocket;
use crate::error::{Answer, BadRequest};
use crate::extract::{Caller, Path, Query, content};
use crate::state::AppState;

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const COMPLETE: HeaderName = HeaderName::from_static("upload-complete");

/// The query of an upload.
#[derive(Debug, Deserialize)]
pub(super) struct UploadQuery {
    #[serde(default)]
    token: String,
    #[serde(default)]
    directory: String,
    #[serde(default)]
    file: String,
}

/// Lets somebody in, who counts as long as they are here.
async fn enter(
    caller: &Caller,
    state: &AppState,
    node: NodeId,
    query: &UploadQuery,
) -> Answer<(Upload, OpenSocket)> {
    let (token, directory) = (query.token.clone(), query.directory.clone());
    let upload = relay::upload_pass(caller, node, token, directory).await?;
    let user = upload.user.ok_or(Error::Unauthenticated)?;
    let counted = state.streams().open(user, upload.server)?;
    Ok((upload, counted))
}

/// Passes on a form with files as it comes.
pub(super) async fn form(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<UploadQuery>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Answer<web::Json<Empty>> {
    let (upload, _counted) = enter(&caller, &state, node, &query).await?;
    let kind = text(request.headers(), &CONTENT_TYPE)
        .filter(|kind| kind.starts_with("multipart/form-data"));
    let kind = kind.ok_or_else(|| malformed("content-type", "must be multipart/form-data"))?;
    let form = passed_on(&request, payload);
    upload.form(kind, form).await?;
    Ok(web::Json(Empty {}))
}

/// Says how much of a file has arrived.
pub(super) async fn offset(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<UploadQuery>,
    state: web::Data<AppState>,
) -> Answer<HttpResponse> {
    let (upload, _counted) = enter(&caller, &state, node, &query).await?;
    let offset = upload.offset(&query.file).await?;
    Ok(HttpResponse::Ok().insert_header((OFFSET, offset)).finish())
}

/// Passes on a part of a file. Whoever sends one that begins at the wrong place is told where to go on, as the daemon does it.
pub(super) async fn part(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<UploadQuery>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Answer<HttpResponse> {
    let (upload, _counted) = enter(&caller, &state, node, &query).await?;
    let headers = request.headers();
    let part = Part {
        offset: number(headers, &OFFSET)?,
        total: number(headers, &LENGTH)?,
        is_last: text(headers, &COMPLETE) == Some("?1"),
    };
    let length = content::length(&request);
    let content = passed_on(&request, payload);
    match upload.part(&query.file, part, content).await {
        Err(Error::Conflict {
            code: "wrong_offset",
            message,
        }) => {
            let offset = upload.offset(&query.file).await?;
            return Ok(HttpResponse::Conflict()
                .insert_header((OFFSET, offset))
                .json(serde_json::json!({ "error": message })));
        }
        other => other?,
    }
    let mut response = HttpResponse::Ok();
    if let Some(length) = length {
        response.insert_header((OFFSET, part.offset.saturating_add(length)));
    }
    Ok(response.json(Empty {}))
}

fn passed_on(request: &HttpRequest, payload: web::Payload) -> Content {
    let pieces = content::pieces(payload.into_inner());
    Content::new(content::length(request), pieces)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Answer<u64> {
    let number = text(headers, name).and_then(|text| text.parse().ok());
    Ok(number.ok_or_else(|| malformed(name.as_str(), "must be a number of bytes"))?)
}

fn malformed(field: &str, message: &str) -> BadRequest {
    BadRequest::Malformed(Invalid::of(field, message))
}
