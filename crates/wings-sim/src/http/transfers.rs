//! Transfers by the daemon's API: from the panel, and from another daemon.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt;
use uuid::Uuid;
use wings_client::tokens::Scope;
use wings_client::wire::files::{ArchiveFormat, CompressionLevel};
use wings_client::wire::transfers::{StartTransfer, TransferCapabilities, TransferProgress};

use super::Shared;
use super::answers::{
    Answer, Refusal, accepted, by_family, done, json, known_server, refuse, unforeseen,
};
use crate::core::Core;
use crate::dialect::Dialect;
use crate::ledger::Effect;
use crate::token;
use crate::transfers::{self, Arrival, NotReceived};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/servers/{server}/transfer", web::post().to(start))
        .route("/api/servers/{server}/transfer", web::delete().to(cancel))
        .route("/api/transfers", web::post().to(receive))
        .route("/api/transfers", web::get().to(list))
        .route("/api/transfers/capabilities", web::get().to(capabilities))
        .route("/api/transfers/{server}", web::delete().to(cancel_incoming));
}

async fn start(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: StartTransfer = json(&core, &request, &body)?;
    if transfers::start(&core, server, order) {
        return Ok(accepted(&core));
    }
    let text = by_family(
        &core,
        "A transfer is already in progress for this server.",
        "server is locked",
    );
    Err(refuse(StatusCode::CONFLICT, text))
}

async fn cancel(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    if transfers::cancel(&core, server).await {
        return Ok(by_family(&core, accepted(&core), done(&core)));
    }
    Err(by_family(
        &core,
        refuse(
            StatusCode::CONFLICT,
            "Server is not currently being transferred.",
        ),
        refuse(StatusCode::EXPECTATION_FAILED, "server is not transferring"),
    ))
}

/// The Go daemons have the route without what it needs, so it always fails.
async fn cancel_incoming(core: Shared, path: web::Path<String>) -> Answer {
    if core.dialect().is_go() {
        return Err(unforeseen());
    }
    let missing = || refuse(StatusCode::NOT_FOUND, "server not found");
    let server = Uuid::try_parse(&path).map_err(|_| missing())?;
    let dropped = core.change(|world| {
        let arriving = world
            .servers
            .get(&server)
            .and_then(|server| server.transferring.as_ref())
            .is_some_and(|transfer| !transfer.outgoing);
        arriving.then(|| world.servers.remove(&server))
    });
    if dropped.is_some() {
        core.record(server, Effect::TransferEnded, Some("cancelled".to_owned()));
    }
    dropped.map(|_| done(&core)).ok_or_else(missing)
}

/// The server a transfer's token is for.
fn authorized(core: &Core, request: &HttpRequest) -> Result<Uuid, Refusal> {
    let invalid = || {
        by_family(
            core,
            unforeseen(),
            refuse(StatusCode::UNAUTHORIZED, "invalid token"),
        )
    };
    let claims = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|token| token::read(core, token).ok())
        .filter(|claims| token::check(core, claims).is_ok())
        .ok_or_else(invalid)?;
    let scoped = matches!(core.dialect(), Dialect::Pelican | Dialect::CalagopusNext);
    if scoped && claims.scope != Scope::Transfer {
        return Err(refuse(StatusCode::FORBIDDEN, "Forbidden."));
    }
    claims
        .sub
        .as_deref()
        .and_then(|subject| Uuid::try_parse(subject).ok())
        .ok_or_else(invalid)
}

async fn receive(core: Shared, request: HttpRequest, mut form: Multipart) -> Answer {
    let server = authorized(&core, &request)?;
    let broken = || refuse(StatusCode::EXPECTATION_FAILED, "the form cannot be read");
    let checksum = if core.dialect() == Dialect::Pelican {
        "checksum_archive"
    } else {
        "checksum"
    };
    let mut arrival = Arrival::default();
    while let Some(mut part) = form.try_next().await.map_err(|_| broken())? {
        let name = part.name().unwrap_or_default().to_owned();
        let mut content = Vec::new();
        while let Some(piece) = part.try_next().await.map_err(|_| broken())? {
            content.extend_from_slice(&piece);
        }
        let backup = name
            .strip_prefix("backup-")
            .or_else(|| name.strip_prefix("backup_"))
            .and_then(|rest| Uuid::try_parse(rest.split('.').next()?).ok());
        if name == "archive" {
            arrival.archive = Some(content);
        } else if name == checksum {
            arrival.checksum = String::from_utf8(content).ok();
        } else if let Some(backup) = backup {
            arrival.backups.push((backup, content));
        }
    }
    transfers::receive(&core, server, arrival)
        .await
        .map_err(|error| match error {
            NotReceived::Exists => refuse(StatusCode::CONFLICT, "server already exists"),
            NotReceived::Failed(reason) => {
                tracing::warn!(%server, reason, "not received");
                by_family(
                    &core,
                    unforeseen(),
                    refuse(StatusCode::EXPECTATION_FAILED, reason),
                )
            }
        })?;
    Ok(by_family(&core, HttpResponse::Ok().finish(), done(&core)))
}

async fn list(core: Shared) -> HttpResponse {
    let transfers = core.read(|world| {
        let moving = world.servers.iter().filter_map(|(id, server)| {
            let transfer = server.transferring.as_ref()?;
            let progress = TransferProgress {
                bytes_total: transfer.bytes,
                ..TransferProgress::default()
            };
            Some((*id, progress))
        });
        moving.collect::<std::collections::BTreeMap<_, _>>()
    });
    HttpResponse::Ok().json(transfers)
}

async fn capabilities() -> HttpResponse {
    HttpResponse::Ok().json(TransferCapabilities {
        wings_archive_format: ArchiveFormat::TarGz,
        wings_archive_compression_level: CompressionLevel::BestSpeed,
        disk_limiter_mode: "none".into(),
    })
}
