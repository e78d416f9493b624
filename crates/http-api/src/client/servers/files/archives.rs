//! Packing and unpacking.

use actix_web::{HttpResponse, post};
use panel_api_types::Empty;
use panel_api_types::file::{CompressFiles, DecompressFile, NewEntry, Started};
use panel_domain::id::ServerRef;
use panel_service::files::{self, Work};

use super::{done_or_started, started};
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Pack files into an archive
#[utoipa::path(
    request_body = CompressFiles,
    responses(
        (status = 200, description = "The archive.", body = NewEntry),
        (status = 202, description = "It goes on in the background.", body = Started)
    )
)]
#[post("/servers/{server}/files/compress")]
pub(crate) async fn compress(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CompressFiles>,
) -> Answer<HttpResponse> {
    let input = files::Compress {
        root: body.root,
        files: body.files,
        name: body.name,
        format: present::files::format(body.format),
        foreground: body.foreground,
    };
    let work = caller
        .change(async move |cx| files::compress(&cx, server, input).await)
        .await?;
    Ok(match work {
        Work::Done(Some(archive)) => HttpResponse::Ok().json(NewEntry {
            entry: present::files::entry(*archive),
        }),
        Work::Done(None) => HttpResponse::Ok().json(Empty {}),
        Work::Started(identifier) => started(identifier),
    })
}

/// Unpack an archive
#[utoipa::path(
    request_body = DecompressFile,
    responses(
        (status = 200, description = "It is unpacked.", body = Empty),
        (status = 202, description = "It goes on in the background.", body = Started)
    )
)]
#[post("/servers/{server}/files/decompress")]
pub(crate) async fn decompress(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<DecompressFile>,
) -> Answer<HttpResponse> {
    let input = files::Decompress {
        root: body.root,
        file: body.file,
        foreground: body.foreground,
    };
    let work = caller
        .change(async move |cx| files::decompress(&cx, server, input).await)
        .await?;
    Ok(done_or_started(&work))
}
