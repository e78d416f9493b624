//! What a browser opens with a signed token: downloads and uploads.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_RANGE, ContentDisposition, RANGE};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt;
use serde::Deserialize;
use uuid::Uuid;
use wings_client::tokens::{Claims, Scope};
use wings_client::wire::files::ArchiveFormat;

use super::Shared;
use super::answers::{
    Answer, Refusal, by_family, done, no_server, refuse, refuse_traced, unforeseen,
};
use super::files::{permitted, refused};
use super::vast;
use crate::archive;
use crate::core::Core;
use crate::dialect::Dialect;
use crate::files::PathError;
use crate::ledger::Effect;
use crate::token::{self, Closed};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/download/file", web::get().to(download))
        .route("/download/backup", web::get().to(download_backup))
        .route("/download/directory", web::get().to(download_directory))
        .route("/download/files", web::get().to(download_files))
        .route("/upload/file", web::post().to(upload))
        .route("/upload/file", web::head().to(upload_offset))
        .route("/upload/file", web::patch().to(resume));
}

#[derive(Deserialize)]
struct DownloadQuery {
    token: String,
    #[serde(default)]
    archive_format: ArchiveFormat,
}

#[derive(Deserialize)]
struct UploadQuery {
    token: String,
    #[serde(default)]
    directory: String,
    #[serde(default)]
    file: String,
}

/// Who may pass with a token, and where to.
fn pass(core: &Core, token: &str, scope: Scope) -> Result<(Claims, Uuid), Refusal> {
    let (claims, server) = token::link(core, token, scope).map_err(|closed| {
        if !core.dialect().is_go() {
            let text = match closed {
                Closed::Used => "token has already been used",
                Closed::Invalid | Closed::Denied => "invalid token",
            };
            return refuse(StatusCode::UNAUTHORIZED, text);
        }
        match closed {
            Closed::Invalid => unforeseen(),
            Closed::Used | Closed::Denied => refuse(
                StatusCode::NOT_FOUND,
                "The requested resource was not found on this server.",
            ),
        }
    })?;
    if core.read_server(server, |_| ()).is_none() && scope != Scope::BackupDownload {
        return Err(no_server(core));
    }
    Ok((claims, server))
}

/// A whole content, or the part that was asked for where the daemon gives parts.
fn give(core: &Core, request: &HttpRequest, name: &str, content: Vec<u8>) -> HttpResponse {
    let range = request
        .headers()
        .get(RANGE)
        .and_then(|range| range.to_str().ok()?.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
        .filter(|_| !core.dialect().is_go());
    let disposition = ContentDisposition::attachment(name);
    if let Some((from, to)) = range
        && let Ok(from) = from.parse::<usize>()
        && from < content.len()
    {
        let last = content.len() - 1;
        let to = to.parse::<usize>().map_or(last, |to| to.min(last));
        let part = content.get(from..=to).unwrap_or_default().to_vec();
        let range = format!("bytes {from}-{to}/{}", content.len());
        return HttpResponse::PartialContent()
            .content_type("application/octet-stream")
            .insert_header(disposition)
            .insert_header((CONTENT_RANGE, range))
            .body(part);
    }
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(disposition)
        .body(content)
}

async fn download(core: Shared, query: web::Query<DownloadQuery>, request: HttpRequest) -> Answer {
    let (claims, server) = pass(&core, &query.token, Scope::FileDownload)?;
    let path = claims.file_path.unwrap_or_default();
    if let Some(bytes) = vast::length(path.trim_start_matches('/')) {
        return Ok(vast::give(bytes));
    }
    let content = core.read_server(server, |server| {
        server.files.read(&path).map(<[u8]>::to_vec)
    });
    let name = path.rsplit('/').next().unwrap_or(&path);
    match content.unwrap_or(Err(PathError::Missing)) {
        Ok(content) => {
            if core.dialect() == Dialect::Pelican {
                permitted(&core, server, &path)?;
            }
            Ok(give(&core, &request, name, content))
        }
        Err(PathError::Directory) if core.dialect() == Dialect::Pterodactyl => Err(refuse(
            StatusCode::NOT_FOUND,
            "The requested resource was not found on this server.",
        )),
        Err(error) if core.dialect().is_go() => Err(refused(&core, error, "file")),
        Err(_) => Err(refuse(StatusCode::NOT_FOUND, "file not found")),
    }
}

async fn download_backup(
    core: Shared,
    query: web::Query<DownloadQuery>,
    request: HttpRequest,
) -> Answer {
    let (claims, _) = pass(&core, &query.token, Scope::BackupDownload)?;
    let backup = claims.backup_uuid.unwrap_or_default();
    let packed = core.read(|world| {
        let kept = world.backups.get(&backup)?;
        Some(archive::pack(&kept.files))
    });
    let name = format!("{backup}.{}", query.archive_format.extension());
    packed
        .map(|packed| give(&core, &request, &name, packed))
        .ok_or_else(|| {
            by_family(
                &core,
                refuse_traced(
                    StatusCode::NOT_FOUND,
                    "The requested backup was not found on this server.",
                ),
                refuse(StatusCode::NOT_FOUND, "backup not found"),
            )
        })
}

/// Files below a directory as an archive.
fn packed(
    core: &Core,
    server: Uuid,
    root: &str,
    names: &[String],
    name: &str,
    format: ArchiveFormat,
) -> Answer {
    let packed = core
        .read_server(server, |server| {
            let part = server.files.subset(root, names)?;
            Ok(archive::pack(&part))
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(core, error, "path"))?;
    let name = format!("{name}.{}", format.extension());
    // In pieces, without a length, as from a daemon that packs while it sends.
    let pieces = packed
        .chunks(8 * 1024)
        .map(|piece| Ok::<_, std::convert::Infallible>(web::Bytes::copy_from_slice(piece)));
    let pieces: Vec<_> = pieces.collect();
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(ContentDisposition::attachment(name))
        .streaming(futures_util::stream::iter(pieces)))
}

async fn download_directory(core: Shared, query: web::Query<DownloadQuery>) -> Answer {
    let (claims, server) = pass(&core, &query.token, Scope::FileDownload)?;
    let directory = claims.file_path.unwrap_or_default();
    let listed = core
        .read_server(server, |server| server.files.list(&directory))
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "directory"))?;
    let names: Vec<String> = listed.into_iter().map(|entry| entry.name).collect();
    let name = directory.trim_matches('/').rsplit('/').next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or("files");
    packed(
        &core,
        server,
        &directory,
        &names,
        name,
        query.archive_format,
    )
}

async fn download_files(core: Shared, query: web::Query<DownloadQuery>) -> Answer {
    let (claims, server) = pass(&core, &query.token, Scope::FileDownload)?;
    let root = claims.file_path.unwrap_or_default();
    let names = claims.file_paths.unwrap_or_default();
    packed(&core, server, &root, &names, "files", query.archive_format)
}

async fn upload(core: Shared, query: web::Query<UploadQuery>, mut form: Multipart) -> Answer {
    let (claims, server) = pass(&core, &query.token, Scope::FileUpload)?;
    let go = core.dialect().is_go();
    let broken = || {
        refuse(
            StatusCode::BAD_REQUEST,
            "Failed to get multipart form data from request.",
        )
    };
    let most = core.options.config.api.upload_limit;
    let limit = most.saturating_mul(1024 * 1024);
    let mut count = 0;
    while let Some(mut part) = form.try_next().await.map_err(|_| broken())? {
        let disposition = part.content_disposition();
        let name = disposition.and_then(|disposition| disposition.get_filename());
        let Some(name) = name.map(str::to_owned) else {
            return Err(broken());
        };
        let counts = !go || part.name() == Some("files");
        // The Go daemons take the last part of a name only.
        let name = if go {
            name.rsplit('/').next().unwrap_or(&name).to_owned()
        } else {
            name
        };
        if let Some(bytes) = vast::length(&name) {
            let taken = vast::take(&mut part, core.options.slow).await;
            if taken.map_err(|_| broken())? != bytes {
                return Err(broken());
            }
            count += 1;
            continue;
        }
        let mut content = Vec::new();
        while let Some(piece) = part.try_next().await.map_err(|_| broken())? {
            content.extend_from_slice(&piece);
            if limit > 0 && content.len() as u64 > limit {
                let text = format!(
                    "File {name} is larger than the maximum file upload size of {most} MB."
                );
                return Err(by_family(
                    &core,
                    refuse(StatusCode::BAD_REQUEST, text),
                    refuse(
                        StatusCode::EXPECTATION_FAILED,
                        format!("file size is larger than {most}MB"),
                    ),
                ));
            }
        }
        if !counts {
            continue;
        }
        count += 1;
        let path = format!("{}/{name}", query.directory);
        put(
            &core,
            server,
            &claims,
            &query.directory,
            &name,
            &path,
            content,
        )?;
    }
    if go && count == 0 {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "No files were found on the request body.",
        ));
    }
    Ok(by_family(&core, HttpResponse::Ok().finish(), done(&core)))
}

/// Writes an uploaded file and notes it.
fn put(
    core: &Core,
    server: Uuid,
    claims: &Claims,
    directory: &str,
    name: &str,
    path: &str,
    content: Vec<u8>,
) -> Result<(), Refusal> {
    permitted(core, server, path)?;
    let now = core.now();
    let written = core.change_server(server, |server| server.files.write(path, content, now));
    if !matches!(written, Some(Ok(()))) {
        return Err(by_family(
            core,
            unforeseen(),
            refuse(
                StatusCode::EXPECTATION_FAILED,
                "directory is not a directory",
            ),
        ));
    }
    core.record(server, Effect::FileWritten, Some(path.to_owned()));
    let told = by_family(
        core,
        serde_json::json!({"file": name, "directory": directory}),
        serde_json::json!({"files": [name], "directory": directory}),
    );
    core.note_activity(server, claims.user_uuid, "server:file.uploaded", told);
    Ok(())
}

/// What has arrived of a file so far. Each part counts as a use of its own here, so the token is not counted.
fn arrived(core: &Core, query: &UploadQuery) -> Result<(Claims, Uuid, String, Vec<u8>), Refusal> {
    let claims = token::read(core, &query.token)
        .ok()
        .filter(|claims| claims.scope == Scope::FileUpload && token::check(core, claims).is_ok())
        .ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, "invalid token"))?;
    let server = claims.server_uuid;
    let path = format!("{}/{}", query.directory, query.file);
    let content = core
        .read_server(server, |server| {
            server
                .files
                .read(&path)
                .map(<[u8]>::to_vec)
                .unwrap_or_default()
        })
        .ok_or_else(|| no_server(core))?;
    Ok((claims, server, path, content))
}

async fn upload_offset(core: Shared, query: web::Query<UploadQuery>) -> Answer {
    let (.., content) = arrived(&core, &query)?;
    Ok(HttpResponse::Ok()
        .insert_header(("Upload-Offset", content.len().to_string()))
        .finish())
}

async fn resume(
    core: Shared,
    query: web::Query<UploadQuery>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (claims, server, path, mut content) = arrived(&core, &query)?;
    let offset = request
        .headers()
        .get("Upload-Offset")
        .and_then(|offset| offset.to_str().ok()?.parse::<usize>().ok());
    if offset != Some(content.len()) {
        return Ok(HttpResponse::Conflict()
            .insert_header(("Upload-Offset", content.len().to_string()))
            .json(serde_json::json!({"error": "the offset is another one"})));
    }
    content.extend_from_slice(&body);
    let length = content.len();
    if request.headers().contains_key("Upload-Complete") {
        put(
            &core,
            server,
            &claims,
            &query.directory,
            &query.file,
            &path,
            content,
        )?;
    } else {
        let now = core.now();
        core.change_server(server, |server| server.files.write(&path, content, now))
            .unwrap_or(Err(PathError::Missing))
            .map_err(|error| refused(&core, error, "file"))?;
    }
    Ok(HttpResponse::Ok()
        .insert_header(("Upload-Offset", length.to_string()))
        .json(serde_json::json!({})))
}
