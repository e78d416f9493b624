//! The file area by the daemon's API.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::files::{
    Chmod, Copy, CreateDirectory, Delete, Deleted, EntryPage, Rename, Renamed, Updated,
};

use super::Shared;
use super::answers::{done, json, known_server, refuse};
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

fn refused(error: PathError, what: &str) -> HttpResponse {
    match error {
        PathError::Missing => refuse(StatusCode::NOT_FOUND, &format!("{what} not found")),
        PathError::Directory => refuse(StatusCode::EXPECTATION_FAILED, "path is a directory"),
        PathError::File => refuse(StatusCode::EXPECTATION_FAILED, "path is not a directory"),
        PathError::Exists => refuse(StatusCode::CONFLICT, "path already exists"),
    }
}

/// Entries of a directory, or the refusal.
fn entries(
    core: &Shared,
    server: Uuid,
    directory: &str,
) -> Result<Vec<wings_client::wire::files::Entry>, HttpResponse> {
    core.read_server(server, |server| server.files.list(directory))
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(error, "path"))
}

async fn list(core: Shared, path: web::Path<String>, query: web::Query<ListQuery>) -> HttpResponse {
    let listed =
        known_server(&core, &path).and_then(|server| entries(&core, server, &query.directory));
    match listed {
        Ok(entries) => {
            let per_page = query.per_page.unwrap_or(10_000).max(1);
            let skip = query.page.unwrap_or(1).saturating_sub(1) * per_page;
            HttpResponse::Ok().json(EntryPage {
                total: entries.len() as u64,
                entries: entries.into_iter().skip(skip).take(per_page).collect(),
            })
        }
        Err(answer) => answer,
    }
}

async fn list_directory(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<ListQuery>,
) -> HttpResponse {
    let listed =
        known_server(&core, &path).and_then(|server| entries(&core, server, &query.directory));
    match listed {
        Ok(entries) => HttpResponse::Ok().json(entries),
        Err(answer) => answer,
    }
}

async fn contents(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<FileQuery>,
) -> HttpResponse {
    let server = match known_server(&core, &path) {
        Ok(server) => server,
        Err(answer) => return answer,
    };
    let content = core.read_server(server, |server| {
        server.files.read(&query.file).map(<[u8]>::to_vec)
    });
    match content.unwrap_or(Err(PathError::Missing)) {
        Ok(content) if query.max_size.is_some_and(|most| content.len() > most) => {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "file size exceeds limit")
        }
        Ok(content) => HttpResponse::Ok().body(content),
        Err(_) => refuse(StatusCode::NOT_FOUND, "file not found"),
    }
}

async fn write(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<FileQuery>,
    body: web::Bytes,
) -> HttpResponse {
    let server = match known_server(&core, &path) {
        Ok(server) => server,
        Err(answer) => return answer,
    };
    let now = core.now();
    let written = core.change_server(server, |server| {
        server.files.write(&query.file, body.to_vec(), now)
    });
    match written.unwrap_or(Err(PathError::Missing)) {
        Ok(()) => {
            core.record(server, Effect::FileWritten, Some(query.file.clone()));
            done()
        }
        Err(error) => refused(error, "file"),
    }
}

async fn rename(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let (server, order): (Uuid, Rename) = match order(&core, &path, &request, &body) {
        Ok(order) => order,
        Err(answer) => return answer,
    };
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
    HttpResponse::Ok().json(Renamed {
        renamed: renamed.unwrap_or(0),
    })
}

async fn copy(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let (server, order): (Uuid, Copy) = match order(&core, &path, &request, &body) {
        Ok(order) => order,
        Err(answer) => return answer,
    };
    let now = core.now();
    let copied = core.change_server(server, |server| {
        server
            .files
            .copy(&order.location, order.name.as_deref(), now)
    });
    match copied.unwrap_or(Err(PathError::Missing)) {
        Ok(entry) => {
            core.record(server, Effect::FileWritten, Some(entry.name.clone()));
            HttpResponse::Ok().json(entry)
        }
        Err(error) => refused(error, "file"),
    }
}

async fn delete(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let (server, order): (Uuid, Delete) = match order(&core, &path, &request, &body) {
        Ok(order) => order,
        Err(answer) => return answer,
    };
    let deleted = core.change_server(server, |server| {
        order
            .files
            .iter()
            .filter(|name| server.files.delete(&order.root, name))
            .count() as u64
    });
    core.record(server, Effect::FilesDeleted, Some(order.root));
    HttpResponse::Ok().json(Deleted {
        deleted: deleted.unwrap_or(0),
    })
}

async fn create_directory(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let (server, order): (Uuid, CreateDirectory) = match order(&core, &path, &request, &body) {
        Ok(order) => order,
        Err(answer) => return answer,
    };
    let now = core.now();
    let directory = format!("{}/{}", order.path, order.name);
    let made = core.change_server(server, |server| {
        server.files.make_directory(&directory, now)
    });
    match made.unwrap_or(Err(PathError::Missing)) {
        Ok(()) => {
            core.record(server, Effect::DirectoryCreated, Some(directory));
            done()
        }
        Err(error) => refused(error, "path"),
    }
}

async fn chmod(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let (server, order): (Uuid, Chmod) = match order(&core, &path, &request, &body) {
        Ok(order) => order,
        Err(answer) => return answer,
    };
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
    HttpResponse::Ok().json(Updated {
        updated: updated.unwrap_or(0),
    })
}

/// The server and the order of a request.
fn order<T: serde::de::DeserializeOwned>(
    core: &Shared,
    path: &str,
    request: &HttpRequest,
    body: &web::Bytes,
) -> Result<(Uuid, T), HttpResponse> {
    Ok((known_server(core, path)?, json(request, body)?))
}
