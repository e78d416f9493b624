//! Packing, unpacking, copying and fetching by the daemon's API.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::files::{
    ArchiveFormat, CalagopusPull, Compress, Copied, CopyMany, Decompress, Entry, GoPull,
    Operations, Pull, PullPreview, PullQuery, Pulls, Started,
};

use super::Shared;
use super::answers::{Answer, Refusal, by_family, done, known_server, refuse, unforeseen};
use super::files::{fits, order, permitted, refused};
use crate::core::Core;
use crate::dialect::Dialect;
use crate::files::PathError;
use crate::ledger::Effect;
use crate::pulls::NotPulled;
use crate::{archive, pulls};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    const FILES: &str = "/api/servers/{server}/files";
    config
        .route(&format!("{FILES}/compress"), web::post().to(compress))
        .route(&format!("{FILES}/decompress"), web::post().to(decompress))
        .route(&format!("{FILES}/copy-many"), web::post().to(copy_many))
        .route(&format!("{FILES}/pull"), web::post().to(pull))
        .route(&format!("{FILES}/pull"), web::get().to(list_pulls))
        .route(&format!("{FILES}/pull/query"), web::post().to(preview))
        .route(&format!("{FILES}/pull/{{id}}"), web::delete().to(end_pull))
        .route(&format!("{FILES}/operations"), web::get().to(operations))
        .route(
            &format!("{FILES}/operations/{{id}}"),
            web::delete().to(end_operation),
        );
}

/// The name an archive gets, by what this daemon looks at.
fn archive_name(core: &Core, order: &Compress) -> Result<String, Refusal> {
    let automatic = |ending: &str| {
        let stamp = core.now().format("%Y-%m-%dT%H%M%S+0000");
        format!("archive-{stamp}.{ending}")
    };
    let given = order.name.clone().filter(|name| !name.is_empty());
    match core.dialect() {
        Dialect::Pterodactyl => Ok(automatic("tar.gz")),
        Dialect::Pelican => {
            let ending = match order.extension.as_deref().unwrap_or_default() {
                "zip" => "zip",
                "tar.bz2" | "tbz2" => "tar.bz2",
                "tar.xz" | "txz" => "tar.xz",
                // Whatever else is asked for becomes this, without a word.
                _ => "tar.gz",
            };
            Ok(given.map_or_else(|| automatic(ending), |name| format!("{name}.{ending}")))
        }
        Dialect::Calagopus | Dialect::CalagopusNext => {
            let format = match &order.format {
                None => ArchiveFormat::TarGz,
                Some(name) => serde_json::from_value(name.as_str().into())
                    .map_err(|_| refuse(StatusCode::UNPROCESSABLE_ENTITY, "unknown format"))?,
            };
            Ok(given.unwrap_or_else(|| automatic(format.extension())))
        }
    }
}

async fn compress(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Compress) = order(&core, &path, &request, &body)?;
    if core.dialect().is_go() && order.files.is_empty() {
        return Err(refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No files were passed through to be compressed.",
        ));
    }
    let name = format!("{}/{}", order.root, archive_name(&core, &order)?);
    let packed = core
        .read_server(server, |server| {
            let part = server.files.subset(&order.root, &order.files)?;
            Ok(archive::pack(&part))
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    if fits(&core, server, packed.len()).is_err() {
        return Err(by_family(
            &core,
            refuse(
                StatusCode::CONFLICT,
                "This server does not have enough available disk space to generate a compressed archive.",
            ),
            refuse(StatusCode::EXPECTATION_FAILED, "failed to allocate space"),
        ));
    }
    let id = pulls::begin(&core, server, "compress", &name);
    let now = core.now();
    let entry = core
        .change_server(server, |server| {
            server.files.write(&name, packed, now)?;
            server.files.entry_at(&name).ok_or(PathError::Missing)
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    pulls::end(&core, server, id, None);
    core.record(server, Effect::FilesPacked, Some(name));
    if !core.dialect().is_go() && order.foreground == Some(false) {
        return Ok(HttpResponse::Accepted().json(Started { identifier: id }));
    }
    Ok(HttpResponse::Ok().json(Entry {
        mime: if core.dialect() == Dialect::Pterodactyl {
            "application/tar+gzip".into()
        } else {
            entry.mime.clone()
        },
        ..entry
    }))
}

async fn decompress(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, Decompress) = order(&core, &path, &request, &body)?;
    let file = format!("{}/{}", order.root, order.file);
    let packed = core
        .read_server(server, |server| {
            server.files.read(&file).map(<[u8]>::to_vec)
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "file"))?;
    let part = archive::unpack(&packed).ok_or_else(|| {
        by_family(
            &core,
            refuse(
                StatusCode::BAD_REQUEST,
                "The archive provided is in a format Wings does not understand.",
            ),
            refuse(StatusCode::EXPECTATION_FAILED, "unsupported archive"),
        )
    })?;
    fits(
        &core,
        server,
        usize::try_from(part.size()).unwrap_or(usize::MAX),
    )?;
    let id = pulls::begin(&core, server, "decompress", &file);
    let now = core.now();
    core.change_server(server, |server| server.files.graft(&order.root, part, now))
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    pulls::end(&core, server, id, None);
    core.record(server, Effect::FilesPacked, Some(file));
    if !core.dialect().is_go() && order.foreground == Some(false) {
        return Ok(HttpResponse::Accepted().json(Started { identifier: id }));
    }
    Ok(done(&core))
}

async fn copy_many(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, CopyMany) = order(&core, &path, &request, &body)?;
    let id = pulls::begin(&core, server, "copy_many", &order.root);
    let now = core.now();
    let copied = core.change_server(server, |server| {
        let mut copied = Copied::default();
        let mut count = 0;
        for file in &order.files {
            let from = format!("{}/{}", order.root, file.from);
            let to = format!("{}/{}", order.root, file.to);
            let taken = server.files.entry_at(&to).filter(|_| !order.overwrite);
            let content = server.files.read(&from).map(<[u8]>::to_vec);
            match (taken, content) {
                (Some(entry), _) => copied.skipped.push(entry),
                (None, Ok(content)) => {
                    count += u64::from(server.files.write(&to, content, now).is_ok());
                }
                (None, Err(_)) => {}
            }
        }
        copied.copied = Some(count);
        copied
    });
    pulls::end(&core, server, id, None);
    core.record(server, Effect::FileWritten, Some(order.root));
    let mut copied = copied.unwrap_or_default();
    if order.foreground {
        return Ok(HttpResponse::Ok().json(copied));
    }
    copied.copied = None;
    copied.identifier = Some(id);
    Ok(HttpResponse::Accepted().json(copied))
}

/// As the daemons read it: either name of the directory will do.
#[derive(Deserialize)]
struct PullOrder {
    #[serde(default)]
    directory: String,
    #[serde(flatten)]
    order: Pull,
}

async fn pull(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, wish): (Uuid, PullOrder) = order(&core, &path, &request, &body)?;
    let mut order = wish.order;
    if order.root.is_empty() {
        order.root = wish.directory;
    }
    if core.dialect().is_go() && order.root.is_empty() {
        return Err(refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The root field is required.",
        ));
    }
    permitted(&core, server, &order.root)?;
    let (id, target) = match pulls::start(&core, server, &order) {
        Ok(started) => started,
        Err(NotPulled::TooMany) => {
            return Err(by_family(
                &core,
                refuse(
                    StatusCode::BAD_REQUEST,
                    "This server has reached its limit of 3 simultaneous remote file downloads at once. Please wait for one to complete before trying again.",
                ),
                refuse(StatusCode::EXPECTATION_FAILED, "too many concurrent pulls"),
            ));
        }
        // In the background the Go daemons keep quiet about it.
        Err(NotPulled::Failed(_)) if core.dialect().is_go() && !order.foreground => {
            return Ok(HttpResponse::Accepted().json(Started {
                identifier: Uuid::new_v4(),
            }));
        }
        Err(NotPulled::Failed(text)) => {
            return Err(by_family(
                &core,
                unforeseen(),
                refuse(StatusCode::EXPECTATION_FAILED, text),
            ));
        }
    };
    if !order.foreground {
        let worker = Arc::clone(&core);
        core.spawn(async move {
            if let Err(text) = pulls::run(&worker, server, id, &target, &order.url).await {
                tracing::info!(%server, text, "a file was not fetched");
            }
        });
        return Ok(HttpResponse::Accepted().json(Started { identifier: id }));
    }
    pulls::run(&core, server, id, &target, &order.url)
        .await
        .map_err(|text| {
            by_family(
                &core,
                unforeseen(),
                refuse(StatusCode::EXPECTATION_FAILED, text),
            )
        })?;
    let entry = core.read_server(server, |server| server.files.entry_at(&target));
    match entry.flatten() {
        Some(entry) if core.dialect().is_go() => Ok(HttpResponse::Ok().json(entry)),
        _ => Ok(HttpResponse::Ok().json(serde_json::json!({}))),
    }
}

async fn list_pulls(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let running = core.read_server(server, |server| {
        let pulls = server.operations.iter();
        pulls
            .filter(|(_, operation)| operation.kind == "pull")
            .map(|(id, operation)| (*id, operation.clone()))
            .collect::<Vec<_>>()
    });
    let running = running.unwrap_or_default();
    if core.dialect().is_go() {
        let downloads: Vec<_> = running
            .iter()
            .map(|(id, _)| GoPull {
                identifier: *id,
                progress: 0.0,
            })
            .collect();
        let downloads = Some(downloads).filter(|downloads| !downloads.is_empty());
        return Ok(HttpResponse::Ok().json(Pulls { downloads }));
    }
    let downloads = running.into_iter().map(|(id, operation)| CalagopusPull {
        identifier: id,
        destination: operation.path,
        progress: operation.progress,
        total: operation.total,
    });
    Ok(HttpResponse::Ok().json(Pulls {
        downloads: Some(downloads.collect()),
    }))
}

/// Ends work of a server; false when there is none of that id.
fn stop(core: &Core, server: &str, id: &str) -> Result<bool, Refusal> {
    let server = known_server(core, server)?;
    let id = Uuid::try_parse(id).unwrap_or_default();
    let ended = core.change_server(server, |server| server.operations.remove(&id).is_some());
    Ok(ended == Some(true))
}

async fn end_pull(core: Shared, path: web::Path<(String, String)>) -> Answer {
    let ended = stop(&core, &path.0, &path.1)?;
    if ended || core.dialect().is_go() {
        Ok(done(&core))
    } else {
        Err(refuse(StatusCode::NOT_FOUND, "pull not found"))
    }
}

async fn end_operation(core: Shared, path: web::Path<(String, String)>) -> Answer {
    if stop(&core, &path.0, &path.1)? {
        Ok(done(&core))
    } else {
        Err(refuse(StatusCode::NOT_FOUND, "operation not found"))
    }
}

async fn operations(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let running = core.read_server(server, |server| {
        let operations = server.operations.iter();
        operations
            .map(|(id, operation)| {
                serde_json::json!({
                    "uuid": id, "type": operation.kind, "path": operation.path,
                    "bytes_processed": operation.progress, "bytes_total": operation.total,
                })
            })
            .collect()
    });
    Ok(HttpResponse::Ok().json(Operations {
        operations: running.unwrap_or_default(),
    }))
}

async fn preview(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (_, query): (Uuid, PullQuery) = order(&core, &path, &request, &body)?;
    let content = core
        .remote
        .fetch(&query.url)
        .await
        .map_err(|text| refuse(StatusCode::EXPECTATION_FAILED, text))?;
    Ok(HttpResponse::Ok().json(PullPreview {
        file_name: query.url.rsplit('/').next().map(str::to_owned),
        file_size: Some(content.len() as u64),
        final_url: query.url,
        headers: std::collections::BTreeMap::new(),
    }))
}
