//! Copying.

use actix_web::{HttpResponse, post};
use panel_api_types::Empty;
use panel_api_types::file::{
    CopiedFiles, CopyFile, CopyFiles, CopyRemote, CopyingFiles, NewEntry, Started,
};
use panel_domain::id::ServerRef;
use panel_service::Error;
use panel_service::files::{self, CopyWork};

use super::{done_or_started, moves, started};
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Copy a file
#[utoipa::path(
    request_body = CopyFile,
    responses(
        (status = 200, description = "The copy.", body = NewEntry),
        (status = 202, description = "It goes on in the background.", body = Started)
    )
)]
#[post("/servers/{server}/files/copy")]
pub(crate) async fn copy(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CopyFile>,
) -> Answer<HttpResponse> {
    let input = files::CopyFile {
        path: body.path,
        destination: body.destination,
        overwrite: body.overwrite,
        foreground: body.foreground,
    };
    let work = caller
        .change(async move |cx| files::copy(&cx, server, input).await)
        .await?;
    Ok(match work {
        CopyWork::Done(copy) => HttpResponse::Ok().json(NewEntry {
            entry: present::files::entry(*copy),
        }),
        CopyWork::Started(identifier) => started(identifier),
    })
}

/// Copy several files
#[utoipa::path(
    request_body = CopyFiles,
    responses(
        (status = 200, description = "They are copied.", body = CopiedFiles),
        (status = 202, description = "It goes on in the background.", body = CopyingFiles)
    )
)]
#[post("/servers/{server}/files/copy-many")]
pub(crate) async fn copy_many(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CopyFiles>,
) -> Answer<HttpResponse> {
    let input = files::CopyMany {
        root: body.root,
        files: moves(body.files),
        overwrite: body.overwrite,
        foreground: body.foreground,
    };
    let copied = caller
        .change(async move |cx| files::copy_many(&cx, server, input).await)
        .await?;
    let skipped = copied.skipped.into_iter().map(present::files::entry);
    let skipped = skipped.collect();
    Ok(match copied.operation {
        Some(identifier) => HttpResponse::Accepted().json(CopyingFiles {
            identifier,
            skipped,
        }),
        None => HttpResponse::Ok().json(CopiedFiles {
            copied: copied.copied.unwrap_or_default(),
            skipped,
        }),
    })
}

/// Copy files to another server
///
/// For those who may read them here and make files there. Both nodes must be able to.
#[utoipa::path(
    request_body = CopyRemote,
    responses(
        (status = 200, description = "They are copied.", body = Empty),
        (status = 202, description = "It goes on in the background.", body = Started)
    )
)]
#[post("/servers/{server}/files/copy-remote")]
pub(crate) async fn copy_remote(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CopyRemote>,
) -> Answer<HttpResponse> {
    let destination: ServerRef = body
        .destination_server
        .parse()
        .map_err(|_| Error::not_found("server"))?;
    let input = files::CopyRemote {
        root: body.root,
        files: moves(body.files),
        server: destination,
        destination: body.destination,
        foreground: body.foreground,
    };
    let work = caller
        .change(async move |cx| files::copy_remote(&cx, server, input).await)
        .await?;
    Ok(done_or_started(&work))
}
