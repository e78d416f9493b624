//! The file area by the daemon's API.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::files::{
    Chmod, Copy, CreateDirectory, Delete, Deleted, Entry, EntryPage, Rename, Renamed, Updated,
};

use super::Shared;
use super::answers::{Answer, Refusal, done, json, known_server, refuse};
use crate::files::PathError;
use crate::ledger::Effect;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let files = web::scope("/api/servers/{server}/files")
        .route("/list", web::get().to(list))
        .route("/list-directory", web::get().to(list_directory))
        .route("/contents", web::get().to(contents))
        .route("/write", web::post().to(write))
        .route("/rename", web::put().to(rename))
        .route("/copy", web::post().to(copy))
        .route("/delete", web::post().to(delete))
        .route("/create-directory", web::post().to(create_directory))
        .route("/chmod", web::post().to(chmod));
    config.service(files);
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    directory: String,
    page: Option<usize>,
    per_page: Option<usize>,
}

#[derive(Deserialize)]
struct FileQuery {
    file: String,
    max_size: Option<usize>,
}

fn refused(error: PathError, what: &str) -> Refusal {
    match error {
        PathError::Missing => refuse(StatusCode::NOT_FOUND, format!("{what} not found")),
        PathError::Directory => refuse(StatusCode::EXPECTATION_FAILED, "path is a directory"),
        PathError::File => refuse(StatusCode::EXPECTATION_FAILED, "path is not a directory"),
        PathError::Exists => refuse(StatusCode::CONFLICT, "path already exists"),
    }
}

/// Entries of a directory of the server a path names.
fn entries(core: &Shared, path: &str, directory: &str) -> Result<Vec<Entry>, Refusal> {
    let server = known_server(core, path)?;
    core.read_server(server, |server| server.files.list(directory))
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(error, "path"))
}

async fn list(core: Shared, path: web::Path<String>, query: web::Query<ListQuery>) -> Answer {
    let entries = entries(&core, &path, &query.directory)?;
    let per_page = query.per_page.unwrap_or(10_000).max(1);
    let skip = query.page.unwrap_or(1).saturating_sub(1) * per_page;
    Ok(HttpResponse::Ok().json(EntryPage {
        total: entries.len() as u64,
        entries: entries.into_iter().skip(skip).take(per_page).collect(),
    }))
}

async fn list_directory(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<ListQuery>,
) -> Answer {
    Ok(HttpResponse::Ok().json(entries(&core, &path, &query.directory)?))
}

async fn contents(core: Shared, path: web::Path<String>, query: web::Query<FileQuery>) -> Answer {
    let server = known_server(&core, &path)?;
    let content = core.read_server(server, |server| {
        server.files.read(&query.file).map(<[u8]>::to_vec)
    });
    match content.unwrap_or(Err(PathError::Missing)) {
        Ok(content) if query.max_size.is_some_and(|most| content.len() > most) => Err(refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "file size exceeds limit",
        )),
        Ok(content) => Ok(HttpResponse::Ok().body(content)),
        Err(_) => Err(refuse(StatusCode::NOT_FOUND, "file not found")),
    }
}

async fn write(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<FileQuery>,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let now = core.now();
    core.change_server(server, |server| {
        server.files.write(&query.file, body.to_vec(), now)
    })
    .unwrap_or(Err(PathError::Missing))
    .map_err(|error| refused(error, "file"))?;
    core.record(server, Effect::FileWritten, Some(query.file.clone()));
    Ok(done())
}

async fn rename(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Rename) = order(&core, &path, &request, &body)?;
    let now = core.now();
    let renamed = core.change_server(server, |server| {
        order
            .files
            .iter()
            // Conflicts are left out without a word, as by a real daemon.
            .filter(|file| {
                server
                    .files
                    .rename(&order.root, &file.from, &file.to, now)
                    .is_ok()
            })
            .count() as u64
    });
    core.record(server, Effect::FilesRenamed, Some(order.root));
    Ok(HttpResponse::Ok().json(Renamed {
        renamed: renamed.unwrap_or(0),
    }))
}

async fn copy(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Copy) = order(&core, &path, &request, &body)?;
    let now = core.now();
    let copied = core.change_server(server, |server| {
        server
            .files
            .copy(&order.location, order.name.as_deref(), now)
    });
    let entry = copied
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(error, "file"))?;
    core.record(server, Effect::FileWritten, Some(entry.name.clone()));
    Ok(HttpResponse::Ok().json(entry))
}

async fn delete(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Delete) = order(&core, &path, &request, &body)?;
    let deleted = core.change_server(server, |server| {
        order
            .files
            .iter()
            .filter(|name| server.files.delete(&order.root, name))
            .count() as u64
    });
    core.record(server, Effect::FilesDeleted, Some(order.root));
    Ok(HttpResponse::Ok().json(Deleted {
        deleted: deleted.unwrap_or(0),
    }))
}

async fn create_directory(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, CreateDirectory) = order(&core, &path, &request, &body)?;
    let now = core.now();
    let directory = format!("{}/{}", order.path, order.name);
    let made = core.change_server(server, |server| {
        server.files.make_directory(&directory, now)
    });
    made.unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(error, "path"))?;
    core.record(server, Effect::DirectoryCreated, Some(directory));
    Ok(done())
}

async fn chmod(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Chmod) = order(&core, &path, &request, &body)?;
    let updated = core.change_server(server, |server| {
        order
            .files
            .iter()
            .filter(|change| {
                server
                    .files
                    .change_mode(&order.root, &change.file, &change.mode)
            })
            .count() as u64
    });
    Ok(HttpResponse::Ok().json(Updated {
        updated: updated.unwrap_or(0),
    }))
}

/// The server and the order of a request.
fn order<T: serde::de::DeserializeOwned>(
    core: &Shared,
    path: &str,
    request: &HttpRequest,
    body: &web::Bytes,
) -> Result<(Uuid, T), Refusal> {
    Ok((known_server(core, path)?, json(request, body)?))
}
