//! Moving, deleting and making files.

use actix_web::{post, put, web};
use panel_api_types::Empty;
use panel_api_types::file::{
    ChangeModes, CreateDirectory, CreateSymlink, DeleteFiles, DeletedFiles, RenameFiles, Renamed,
    UpdatedFiles,
};
use panel_domain::id::ServerRef;
use panel_service::files;

use super::moves;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Move or rename files
#[utoipa::path(
    request_body = RenameFiles,
    responses((status = 200, description = "They are moved.", body = Renamed))
)]
#[put("/servers/{server}/files/rename")]
pub(crate) async fn rename(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<RenameFiles>,
) -> Answer<web::Json<Renamed>> {
    let input = files::RenameFiles {
        root: body.root,
        files: moves(body.files),
    };
    let renamed = caller
        .change(async move |cx| files::rename(&cx, server, input).await)
        .await?;
    Ok(web::Json(Renamed { renamed }))
}

/// Delete files
///
/// Directories with all in them. What is not there is no error.
#[utoipa::path(
    request_body = DeleteFiles,
    responses((status = 200, description = "They are gone.", body = DeletedFiles))
)]
#[post("/servers/{server}/files/delete")]
pub(crate) async fn delete(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<DeleteFiles>,
) -> Answer<web::Json<DeletedFiles>> {
    let input = files::DeleteFiles {
        root: body.root,
        files: body.files,
    };
    let deleted = caller
        .change(async move |cx| files::delete(&cx, server, input).await)
        .await?;
    Ok(web::Json(DeletedFiles { deleted }))
}

/// Change modes of files
#[utoipa::path(
    request_body = ChangeModes,
    responses((status = 200, description = "They have their new modes.", body = UpdatedFiles))
)]
#[put("/servers/{server}/files/chmod")]
pub(crate) async fn modes(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<ChangeModes>,
) -> Answer<web::Json<UpdatedFiles>> {
    let changes = body.files.into_iter().map(|change| files::ModeChange {
        file: change.file,
        mode: change.mode,
        recursive: change.recursive,
    });
    let input = files::ChangeModes {
        root: body.root,
        files: changes.collect(),
    };
    let updated = caller
        .change(async move |cx| files::change_modes(&cx, server, input).await)
        .await?;
    Ok(web::Json(UpdatedFiles { updated }))
}

/// Make a directory
///
/// And those on its way. One that is there already is no error.
#[utoipa::path(
    request_body = CreateDirectory,
    responses((status = 200, description = "It is there.", body = Empty))
)]
#[post("/servers/{server}/files/create-directory")]
pub(crate) async fn create_directory(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CreateDirectory>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| files::create_directory(&cx, server, &body.root, &body.name).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Make a symbolic link
///
/// To something in the server's files.
#[utoipa::path(
    request_body = CreateSymlink,
    responses((status = 200, description = "It is there.", body = Empty))
)]
#[post("/servers/{server}/files/create-symlink")]
pub(crate) async fn create_symlink(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CreateSymlink>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| {
            files::create_symlink(&cx, server, &body.root, &body.link, &body.target).await
        })
        .await?;
    Ok(web::Json(Empty {}))
}
