//! Downloads.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderValue, RANGE,
};
use actix_web::web::Data;
use futures_util::StreamExt as _;
use panel_api_types::file::ArchiveFormat;
use panel_domain::id::NodeId;
use panel_service::relay::{self, Download, Link};
use serde::Deserialize;

use crate::error::{Answer, BadRequest};
use crate::extract::{Caller, Path, Query, content};
use crate::present;
use crate::state::AppState;

/// The query of a link.
#[derive(Debug, Deserialize)]
pub(super) struct LinkQuery {
    #[serde(default)]
    token: String,
    archive_format: Option<ArchiveFormat>,
}

/// Passes on a file, or what is packed on the way. Whatever it is, a browser saves it: it comes from the panel's own address, where a page
/// of somebody's server must not be shown.
pub(super) async fn download(
    caller: Caller,
    Path((node, what)): Path<(NodeId, String)>,
    Query(query): Query<LinkQuery>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Answer<HttpResponse> {
    let link = match what.as_str() {
        "file" => Link::File,
        "directory" => Link::Directory,
        "files" => Link::Files,
        "backup" => Link::Backup,
        _ => return Err(BadRequest::NoRoute.into()),
    };
    let pass = relay::download_pass(&caller, node, link, query.token).await?;
    let user = pass.user.ok_or(panel_service::Error::Unauthenticated)?;
    let counted = state.streams().open(user, pass.server)?;
    let range = request.headers().get(RANGE);
    let how = Download {
        range: range
            .and_then(|range| range.to_str().ok())
            .map(str::to_owned),
        archive_format: query.archive_format.map(present::files::format),
    };
    let reading = relay::download(&pass, link, &how).await?;
    let head = reading.head();
    let status = StatusCode::from_u16(head.status()).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, disposition(head.content_disposition())))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // As it comes: packing it on the way would cost its length and much time.
        .insert_header((CONTENT_ENCODING, "identity"));
    if let Some(range) = head.content_range().and_then(|range| range.parse().ok()) {
        let range: HeaderValue = range;
        response.insert_header((CONTENT_RANGE, range));
    }
    let length = head.length();
    let body = content::pieces_of(reading).map(move |piece| {
        // It counts as long as it is on its way.
        let _counted = &counted;
        piece
    });
    Ok(match length {
        Some(length) => response.body(SizedStream::new(length, body)),
        None => response.streaming(body),
    })
}

/// The name that the daemon gives a download, as long as it says nothing else.
fn disposition(told: Option<&str>) -> HeaderValue {
    told.filter(|told| told.starts_with("attachment"))
        .and_then(|told| told.parse().ok())
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_to_save_whatever_comes() {
        let named = "attachment; filename=\"a.zip\"";
        assert_eq!(disposition(Some(named)), named);
        assert_eq!(disposition(Some("inline")), "attachment");
        assert_eq!(disposition(None), "attachment");
    }
}
