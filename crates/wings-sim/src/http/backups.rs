//! Backups by the daemon's API.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::backups::{
    BackupQuery, CreateBackup, DeleteBackup, ExportBackup, RestoreBackup,
};
use wings_client::wire::files::{ArchiveFormat, Started};

use super::Shared;
use super::answers::{
    Answer, Refusal, accepted, by_family, done, json, known_server, refuse, unforeseen,
};
use crate::backups::{self, NotRestored};
use crate::core::Core;
use crate::dialect::Dialect;
use crate::ledger::Effect;
use crate::{archive, pulls};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/servers/{server}/backup", web::post().to(create))
        .route(
            "/api/servers/{server}/backup/{backup}/restore",
            web::post().to(restore),
        )
        .route(
            "/api/servers/{server}/backup/{backup}",
            web::delete().to(delete),
        )
        .route(
            "/api/servers/{server}/deleteAllBackups",
            web::delete().to(delete_all),
        )
        .route("/api/backups/{backup}", web::delete().to(delete_detached))
        .route("/api/backups/{backup}/query", web::get().to(query))
        .route("/api/backups/{backup}/export", web::post().to(export));
}

/// Adapters that this daemon has.
fn knows(core: &Core, adapter: &str) -> bool {
    let profile = wings_client::Profile {
        flavour: core.dialect().flavour(),
        version: core.dialect().version().into(),
    };
    profile.capabilities().backup_adapters().contains(&adapter)
}

fn missing(core: &Core) -> Refusal {
    let text = by_family(
        core,
        "The requested backup was not found on this server.",
        "backup not found",
    );
    refuse(StatusCode::NOT_FOUND, text)
}

async fn create(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: CreateBackup = json(&core, &request, &body)?;
    if !knows(&core, &order.adapter) {
        return Err(by_family(
            &core,
            unforeseen(),
            refuse(StatusCode::UNPROCESSABLE_ENTITY, "unknown adapter"),
        ));
    }
    if backups::create(&core, server, &order) {
        Ok(accepted(&core))
    } else {
        Err(refuse(StatusCode::CONFLICT, "backup already exists"))
    }
}

async fn restore(
    core: Shared,
    path: web::Path<(String, Uuid)>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path.0)?;
    let order: RestoreBackup = json(&core, &request, &body)?;
    let has_address = order
        .download_url
        .as_ref()
        .is_some_and(|url| !url.is_empty());
    if order.adapter == "s3" && !has_address {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "The download_url field is required when the backup adapter is set to S3.",
        ));
    }
    match backups::restore(&core, server, path.1, &order).await {
        Ok(()) => Ok(accepted(&core)),
        // By then they have emptied the directory.
        Err(NotRestored::Missing) => Err(by_family(&core, unforeseen(), missing(&core))),
        Err(NotRestored::Address(text)) => Err(refuse(StatusCode::BAD_REQUEST, text)),
    }
}

async fn delete(core: Shared, path: web::Path<(String, Uuid)>) -> Answer {
    known_server(&core, &path.0)?;
    if backups::delete(&core, path.1) {
        Ok(by_family(&core, done(&core), accepted(&core)))
    } else {
        Err(missing(&core))
    }
}

async fn delete_all(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let kept: Vec<Uuid> = core.read(|world| {
        let backups = world.backups.iter();
        backups
            .filter(|(_, backup)| backup.server == server)
            .map(|(id, _)| *id)
            .collect()
    });
    for backup in kept {
        backups::delete(&core, backup);
    }
    Ok(done(&core))
}

async fn delete_detached(
    core: Shared,
    backup: web::Path<Uuid>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let order: DeleteBackup = json(&core, &request, &body)?;
    if !core.read(|world| world.backups.contains_key(&backup)) {
        return Err(missing(&core));
    }
    if core.dialect() == Dialect::CalagopusNext && order.foreground != Some(true) {
        let worker = std::sync::Arc::clone(&core);
        let backup = *backup;
        core.spawn(async move {
            worker.pace().await;
            let deleted = backups::delete(&worker, backup);
            if let Err(failure) = worker.remote.deletion_result(backup, deleted).await {
                tracing::error!(%failure, %backup, "the panel does not know of a deletion's end");
            }
        });
        return Ok(accepted(&core));
    }
    backups::delete(&core, *backup);
    Ok(if order.foreground == Some(true) {
        done(&core)
    } else {
        accepted(&core)
    })
}

#[derive(Deserialize)]
struct AdapterQuery {
    #[expect(dead_code, reason = "must be there, as for a real daemon")]
    adapter: String,
}

async fn query(
    core: Shared,
    backup: web::Path<Uuid>,
    _adapter: web::Query<AdapterQuery>,
) -> Answer {
    let size = core.read(|world| {
        let kept = world.backups.get(&backup)?;
        Some(archive::pack(&kept.files).len() as u64)
    });
    size.map(|size| {
        HttpResponse::Ok().json(BackupQuery {
            archive_format: Some(ArchiveFormat::TarGz),
            size: Some(size),
        })
    })
    .ok_or_else(|| missing(&core))
}

async fn export(
    core: Shared,
    backup: web::Path<Uuid>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let order: ExportBackup = json(&core, &request, &body)?;
    let packed = core
        .read(|world| {
            world
                .backups
                .get(&backup)
                .map(|kept| archive::pack(&kept.files))
        })
        .ok_or_else(|| missing(&core))?;
    let server = known_server(&core, &order.server.to_string())?;
    let id = pulls::begin(&core, server, "export_backup", &order.path);
    let now = core.now();
    let written = core.change_server(server, |server| {
        let written = server.files.write(&order.path, packed, now);
        written.map(|()| server.files.entry_at(&order.path))
    });
    pulls::end(&core, server, id, None);
    let Some(Ok(Some(entry))) = written else {
        return Err(refuse(
            StatusCode::EXPECTATION_FAILED,
            "path is a directory",
        ));
    };
    core.record(server, Effect::FileWritten, Some(order.path));
    if order.foreground {
        Ok(HttpResponse::Ok().json(entry))
    } else {
        Ok(HttpResponse::Accepted().json(Started { identifier: id }))
    }
}
