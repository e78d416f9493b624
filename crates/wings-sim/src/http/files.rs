//! The file area by the daemon's API: listing, reading, changing.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, ContentDisposition};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::files::{
    Chmod, Copy, CreateDirectory, Delete, Deleted, Entry, EntryPage, Rename, Renamed, Started,
    Updated, Written,
};

use super::Shared;
use super::answers::{
    Answer, Refusal, by_family, done, json, known_server, refuse, refuse_traced, unforeseen,
};
use crate::core::Core;
use crate::dialect::Dialect;
use crate::files::{PathError, glob};
use crate::ledger::Effect;
use crate::pulls;
use crate::world::Revision;

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
    sort: Option<String>,
}

#[derive(Deserialize)]
struct FileQuery {
    file: String,
    max_size: Option<usize>,
    user: Option<Uuid>,
    download: Option<String>,
}

/// What a daemon says about a path that cannot be used as asked.
pub(super) fn refused(core: &Core, error: PathError, what: &str) -> Refusal {
    match (core.dialect(), error) {
        (Dialect::Pterodactyl, PathError::Missing) => unforeseen(),
        (Dialect::Pelican, PathError::Missing) => refuse_traced(
            StatusCode::NOT_FOUND,
            "The requested resources was not found on the system.",
        ),
        (Dialect::Pterodactyl | Dialect::Pelican, PathError::Directory) => refuse_traced(
            StatusCode::BAD_REQUEST,
            "Cannot perform that action: file is a directory.",
        ),
        (Dialect::Pterodactyl, PathError::File) => unforeseen(),
        (Dialect::Pelican, PathError::File) => refuse(
            StatusCode::BAD_REQUEST,
            "Part of the path being created is not a directory (ENOTDIR).",
        ),
        (Dialect::Pterodactyl | Dialect::Pelican, PathError::Exists) => refuse(
            StatusCode::BAD_REQUEST,
            "Cannot move or rename file, destination already exists.",
        ),
        (_, PathError::Missing) => refuse(StatusCode::NOT_FOUND, format!("{what} not found")),
        (_, PathError::Directory) => refuse(StatusCode::EXPECTATION_FAILED, "path is a directory"),
        (_, PathError::File) => refuse(StatusCode::EXPECTATION_FAILED, "path is not a directory"),
        (_, PathError::Exists) => refuse(StatusCode::CONFLICT, "path already exists"),
    }
}

/// Refuses a path that the egg forbids to touch.
pub(super) fn permitted(core: &Core, server: Uuid, path: &str) -> Result<(), Refusal> {
    let path = path.trim_matches('/');
    let denied = core.read_server(server, |server| {
        let patterns = &server.document.settings.egg.file_denylist;
        patterns
            .iter()
            .any(|pattern| glob(pattern.trim_matches('/'), path))
    });
    if denied != Some(true) {
        return Ok(());
    }
    Err(by_family(
        core,
        refuse_traced(
            StatusCode::FORBIDDEN,
            "This file cannot be modified: present in egg denylist.",
        ),
        refuse(StatusCode::NOT_FOUND, "file not found"),
    ))
}

/// Refuses what does not fit on the server's disk.
pub(super) fn fits(core: &Core, server: Uuid, bytes: usize) -> Result<(), Refusal> {
    let full = core.read_server(server, |server| {
        let after = server.files.size().saturating_add(bytes as u64);
        server.quota().is_some_and(|quota| after > quota)
    });
    if full != Some(true) {
        return Ok(());
    }
    Err(by_family(
        core,
        refuse_traced(
            StatusCode::BAD_REQUEST,
            "There is not enough disk space available to perform that action.",
        ),
        refuse(StatusCode::EXPECTATION_FAILED, "failed to allocate space"),
    ))
}

/// The Go daemons mind an order about nothing.
fn not_empty<T>(core: &Core, list: &[T]) -> Result<(), Refusal> {
    if core.dialect().is_go() && list.is_empty() {
        return Err(refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No files were specified for the action.",
        ));
    }
    Ok(())
}

/// Entries of a directory of the server a path names.
fn entries(core: &Shared, path: &str, directory: &str) -> Result<Vec<Entry>, Refusal> {
    let server = known_server(core, path)?;
    core.read_server(server, |server| server.files.list(directory))
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(core, error, "path"))
}

async fn list(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<ListQuery>,
    request: HttpRequest,
) -> Answer {
    let mut entries = entries(&core, &path, &query.directory)?;
    let ignored: Vec<String> = url::form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| name == "ignored")
        .map(|(_, pattern)| pattern.trim_start_matches('/').to_owned())
        .collect();
    let directory = query.directory.trim_matches('/');
    entries.retain(|entry| {
        let path = format!("{directory}/{}", entry.name);
        let path = path.trim_start_matches('/');
        !ignored
            .iter()
            .any(|pattern| glob(pattern, path) || glob(pattern, &entry.name))
    });
    let newest = core.dialect() == Dialect::CalagopusNext;
    if newest {
        sort(&mut entries, query.sort.as_deref().unwrap_or("name_asc"));
    }
    let per_page = query.per_page.unwrap_or(10_000).max(1);
    let skip = query.page.unwrap_or(1).saturating_sub(1) * per_page;
    Ok(HttpResponse::Ok().json(EntryPage {
        total: entries.len() as u64,
        entries: entries.into_iter().skip(skip).take(per_page).collect(),
        filesystem_primary: newest.then_some(true),
        filesystem_writable: newest.then_some(true),
        filesystem_fast: newest.then_some(true),
    }))
}

fn sort(entries: &mut [Entry], order: &str) {
    match order.rsplit_once('_').map_or(order, |(by, _)| by) {
        "size" | "physical_size" => entries.sort_by_key(|entry| entry.size),
        "modified" => entries.sort_by_key(|entry| entry.modified),
        "created" => entries.sort_by_key(|entry| entry.created),
        _ => entries.sort_by(|a, b| (a.file, &a.name).cmp(&(b.file, &b.name))),
    }
    if order.ends_with("_desc") {
        entries.reverse();
    }
}

async fn list_directory(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<ListQuery>,
) -> Answer {
    let entries = entries(&core, &path, &query.directory)?;
    if core.dialect() == Dialect::Pterodactyl && entries.is_empty() {
        return Ok(HttpResponse::Ok().json(serde_json::Value::Null));
    }
    Ok(HttpResponse::Ok().json(entries))
}

async fn contents(core: Shared, path: web::Path<String>, query: web::Query<FileQuery>) -> Answer {
    let server = known_server(&core, &path)?;
    let content = core.read_server(server, |server| {
        server.files.read(&query.file).map(<[u8]>::to_vec)
    });
    match content.unwrap_or(Err(PathError::Missing)) {
        Ok(content)
            if !core.dialect().is_go()
                && query.max_size.is_some_and(|most| content.len() > most) =>
        {
            Err(refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "file size exceeds limit",
            ))
        }
        Ok(content) => {
            let mut answer = HttpResponse::Ok();
            if query
                .download
                .as_ref()
                .is_some_and(|wanted| !wanted.is_empty())
            {
                let name = query.file.rsplit('/').next().unwrap_or(&query.file);
                answer
                    .content_type("application/octet-stream")
                    .insert_header(ContentDisposition::attachment(name));
            }
            if core.dialect().is_go() {
                answer.insert_header(("X-Mime-Type", "text/plain"));
            }
            Ok(answer.body(content))
        }
        Err(PathError::Directory) if core.dialect() == Dialect::Pterodactyl => Err(unforeseen()),
        Err(error) if core.dialect().is_go() => Err(refused(&core, error, "file")),
        Err(_) => Err(refuse(StatusCode::NOT_FOUND, "file not found")),
    }
}

async fn write(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<FileQuery>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    if core.dialect().is_go() && !request.headers().contains_key(CONTENT_LENGTH) {
        return Err(refuse(StatusCode::BAD_REQUEST, "Missing Content-Length"));
    }
    permitted(&core, server, &query.file)?;
    fits(&core, server, body.len())?;
    let now = core.now();
    let keeps = core.dialect() == Dialect::CalagopusNext;
    let revision = core
        .change_server(server, |server| {
            let before = server.files.read(&query.file).map(<[u8]>::to_vec).ok();
            server.files.write(&query.file, body.to_vec(), now)?;
            let kept = before.filter(|_| keeps).map(|content| {
                let name = query.file.trim_matches('/').to_owned();
                let revisions = server.revisions.entry(name).or_default();
                let id = i64::try_from(revisions.len())
                    .unwrap_or(i64::MAX)
                    .saturating_add(1);
                revisions.push(Revision {
                    id,
                    content,
                    user: query.user,
                    created: now,
                });
                id
            });
            Ok(kept)
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "file"))?;
    core.record(server, Effect::FileWritten, Some(query.file.clone()));
    if keeps {
        return Ok(HttpResponse::Ok().json(Written {
            revision_id: revision,
        }));
    }
    Ok(done(&core))
}

async fn rename(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Rename) = order(&core, &path, &request, &body)?;
    not_empty(&core, &order.files)?;
    for file in &order.files {
        permitted(&core, server, &format!("{}/{}", order.root, file.from))?;
        permitted(&core, server, &format!("{}/{}", order.root, file.to))?;
    }
    let now = core.now();
    let strict = core.dialect().is_go();
    let renamed = core.change_server(server, |server| {
        let mut renamed = 0_u64;
        for file in &order.files {
            match server.files.rename(&order.root, &file.from, &file.to, now) {
                Ok(()) => renamed += 1,
                // Calagopus leaves out every conflict without a word, the Go daemons what is not there.
                Err(PathError::Exists) if strict => return Err(PathError::Exists),
                Err(_) => {}
            }
        }
        Ok(renamed)
    });
    let renamed = renamed
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "file"))?;
    core.record(server, Effect::FilesRenamed, Some(order.root));
    Ok(by_family(
        &core,
        done(&core),
        HttpResponse::Ok().json(Renamed { renamed }),
    ))
}

async fn copy(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Copy) = order(&core, &path, &request, &body)?;
    let newest = core.dialect() == Dialect::CalagopusNext;
    // Each generation reads its own name of the field.
    let file = if newest { &order.path } else { &order.location };
    let name = order.name.as_deref().filter(|_| !core.dialect().is_go());
    permitted(&core, server, file)?;
    let id = pulls::begin(&core, server, "copy", file);
    let now = core.now();
    let copied = core.change_server(server, |server| server.files.copy(file, name, now));
    pulls::end(&core, server, id, None);
    let entry = copied
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "file"))?;
    core.record(server, Effect::FileWritten, Some(entry.name.clone()));
    if core.dialect().is_go() {
        return Ok(done(&core));
    }
    if newest && !order.foreground {
        return Ok(HttpResponse::Accepted().json(Started { identifier: id }));
    }
    Ok(HttpResponse::Ok().json(entry))
}

async fn delete(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Delete) = order(&core, &path, &request, &body)?;
    not_empty(&core, &order.files)?;
    for name in &order.files {
        permitted(&core, server, &format!("{}/{name}", order.root))?;
    }
    let deleted = core.change_server(server, |server| {
        order
            .files
            .iter()
            .filter(|name| server.files.delete(&order.root, name))
            .count() as u64
    });
    core.record(server, Effect::FilesDeleted, Some(order.root));
    let deleted = Deleted {
        deleted: deleted.unwrap_or(0),
    };
    Ok(by_family(
        &core,
        done(&core),
        HttpResponse::Ok().json(deleted),
    ))
}

async fn create_directory(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, CreateDirectory) = order(&core, &path, &request, &body)?;
    let now = core.now();
    let parent = if core.dialect() == Dialect::CalagopusNext {
        &order.root
    } else {
        &order.path
    };
    let directory = format!("{parent}/{}", order.name);
    let made = core.change_server(server, |server| {
        server.files.make_directory(&directory, now)
    });
    made.unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    core.record(server, Effect::DirectoryCreated, Some(directory));
    Ok(done(&core))
}

async fn chmod(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Chmod) = order(&core, &path, &request, &body)?;
    not_empty(&core, &order.files)?;
    let is_mode = |mode: &str| u32::from_str_radix(mode, 8).is_ok_and(|mode| mode <= 0o7777);
    if core.dialect().is_go() && !order.files.iter().all(|change| is_mode(&change.mode)) {
        return Err(refuse(StatusCode::BAD_REQUEST, "Invalid file mode."));
    }
    let updated = core.change_server(server, |server| {
        order
            .files
            .iter()
            .filter(|change| {
                is_mode(&change.mode)
                    && server
                        .files
                        .change_mode(&order.root, &change.file, &change.mode)
            })
            .count() as u64
    });
    let updated = Updated {
        updated: updated.unwrap_or(0),
    };
    Ok(by_family(
        &core,
        done(&core),
        HttpResponse::Ok().json(updated),
    ))
}

/// The server and the order of a request.
pub(super) fn order<T: serde::de::DeserializeOwned>(
    core: &Shared,
    path: &str,
    request: &HttpRequest,
    body: &web::Bytes,
) -> Result<(Uuid, T), Refusal> {
    Ok((known_server(core, path)?, json(core, request, body)?))
}
