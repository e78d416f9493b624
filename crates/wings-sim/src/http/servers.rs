//! Servers, their power, their console, their backups.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::backups::{CreateBackup, RestoreBackup};
use wings_client::wire::server::{
    Commands, CreateServer, DenyTokens, Power, Reinstall, ServerState, SetPermissions, Sync,
};

use super::Shared;
use super::answers::{Answer, accepted, done, json, known_server, no_server, refuse};
use crate::core::Event;
use crate::install::{self, NotCreated};
use crate::ledger::Effect;
use crate::{backups, power};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/servers", web::get().to(list))
        .route("/api/servers", web::post().to(create))
        .route("/api/servers/{server}", web::get().to(show))
        .route("/api/servers/{server}", web::delete().to(delete))
        .route("/api/servers/{server}/power", web::post().to(act))
        .route("/api/servers/{server}/commands", web::post().to(command))
        .route("/api/servers/{server}/logs", web::get().to(logs))
        .route(
            "/api/servers/{server}/logs/install",
            web::get().to(install_log),
        )
        .route("/api/servers/{server}/sync", web::post().to(sync))
        .route("/api/servers/{server}/reinstall", web::post().to(reinstall))
        .route("/api/servers/{server}/install/abort", web::post().to(abort))
        .route("/api/servers/{server}/ws/deny", web::post().to(deny))
        .route(
            "/api/servers/{server}/ws/permissions",
            web::post().to(permissions),
        )
        .route(
            "/api/servers/{server}/backup",
            web::post().to(create_backup),
        )
        .route(
            "/api/servers/{server}/backup/{backup}/restore",
            web::post().to(restore_backup),
        )
        .route(
            "/api/servers/{server}/backup/{backup}",
            web::delete().to(delete_backup),
        );
}

async fn list(core: Shared) -> HttpResponse {
    let (now, seed) = (core.now(), core.options.seed);
    let servers: Vec<_> = core.read(|world| {
        world
            .servers
            .values()
            .map(|server| server.wire(now, seed))
            .collect()
    });
    HttpResponse::Ok().json(servers)
}

async fn create(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: CreateServer = json(&request, &body)?;
    install::create(&core, order)
        .await
        .map_err(|error| match error {
            NotCreated::Exists => {
                refuse(StatusCode::CONFLICT, "server with this uuid already exists")
            }
            NotCreated::Panel(failure) => {
                tracing::warn!(%failure, "not created");
                refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal server error")
            }
        })?;
    Ok(done())
}

async fn show(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let (now, seed) = (core.now(), core.options.seed);
    core.read_server(server, |server| server.wire(now, seed))
        .map(|server| HttpResponse::Ok().json(server))
        .ok_or_else(no_server)
}

async fn delete(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    if install::delete(&core, server) {
        Ok(done())
    } else {
        Err(no_server())
    }
}

async fn act(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Power = json(&request, &body)?;
    // Accepted whatever comes of it, as by a real daemon: a refusal shows in the state only.
    if let Err(refused) = power::act(&core, server, order.action) {
        tracing::info!(%server, action = %order.action, reason = refused.text(), "not carried out");
    }
    Ok(accepted())
}

async fn command(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Commands = json(&request, &body)?;
    for line in &order.commands {
        if !power::command(&core, server, line) {
            return Err(refuse(StatusCode::EXPECTATION_FAILED, "server is offline"));
        }
    }
    Ok(done())
}

#[derive(Deserialize)]
struct LogQuery {
    lines: Option<usize>,
}

async fn logs(core: Shared, path: web::Path<String>, query: web::Query<LogQuery>) -> Answer {
    let server = known_server(&core, &path)?;
    let lines = core.read_server(server, |server| {
        if server.state == ServerState::Offline {
            return Vec::new();
        }
        let wanted = query.lines.unwrap_or(usize::MAX);
        let skip = server.console.len().saturating_sub(wanted);
        server.console.iter().skip(skip).cloned().collect()
    });
    Ok(as_text(&lines.unwrap_or_default()))
}

async fn install_log(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    core.read_server(server, |server| server.install_log.clone())
        .filter(|lines| !lines.is_empty())
        .map(|lines| as_text(&lines))
        .ok_or_else(|| {
            refuse(
                StatusCode::NOT_FOUND,
                "unable to find installation log file",
            )
        })
}

fn as_text(lines: &[String]) -> HttpResponse {
    let text: String = lines.iter().flat_map(|line| [line, "\r\n"]).collect();
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

async fn sync(core: Shared, path: web::Path<String>, body: web::Bytes) -> Answer {
    let server = known_server(&core, &path)?;
    // A missing or broken body means: ask the panel.
    let inline = serde_json::from_slice::<Sync>(&body)
        .ok()
        .and_then(|order| order.server);
    let document = match inline {
        Some(document) => *document,
        None => match core.remote.server(server).await {
            Ok(document) => document,
            Err(failure) => {
                tracing::warn!(%failure, %server, "not synced");
                return Ok(done());
            }
        },
    };
    let suspended = document.settings.suspended;
    let state = core.change_server(server, |server| {
        server.document = document;
        server.state
    });
    core.record(
        server,
        Effect::Synced,
        Some(if suspended { "suspended" } else { "active" }.to_owned()),
    );
    if suspended && state.is_some_and(|state| state != ServerState::Offline) {
        core.daemon_line(server, "The server is suspended and stops.");
        power::end(&core, server);
    }
    Ok(done())
}

async fn reinstall(core: Shared, path: web::Path<String>, body: web::Bytes) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Reinstall = serde_json::from_slice(&body).unwrap_or_default();
    if install::reinstall(&core, server, order) {
        Ok(accepted())
    } else {
        Err(refuse(StatusCode::CONFLICT, "server is locked"))
    }
}

async fn abort(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let aborted = core.change_server(server, |server| match &mut server.installing {
        Some(installing) => {
            installing.outcome = Some(false);
            true
        }
        None => false,
    });
    if aborted == Some(true) {
        Ok(accepted())
    } else {
        Err(refuse(StatusCode::CONFLICT, "server is not installing"))
    }
}

async fn deny(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: DenyTokens = json(&request, &body)?;
    let now = core.now();
    for id in order.jtis {
        core.memory(|memory| memory.denied.insert(id.clone(), now));
        core.record(server, Effect::TokensDenied, Some(id));
    }
    Ok(done())
}

async fn permissions(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: SetPermissions = json(&request, &body)?;
    for user in order.user_permissions {
        if user.permissions.is_empty() {
            core.record(
                server,
                Effect::UserDeauthorized,
                Some(user.user.to_string()),
            );
            core.announce(Event::Revoked {
                server,
                user: user.user,
            });
        }
    }
    Ok(done())
}

async fn create_backup(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: CreateBackup = json(&request, &body)?;
    if backups::create(&core, server, &order) {
        Ok(accepted())
    } else {
        Err(refuse(StatusCode::CONFLICT, "backup already exists"))
    }
}

async fn restore_backup(
    core: Shared,
    path: web::Path<(String, Uuid)>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path.0)?;
    let order: RestoreBackup = json(&request, &body)?;
    if backups::restore(&core, server, path.1, &order) {
        Ok(accepted())
    } else {
        Err(refuse(StatusCode::NOT_FOUND, "backup not found"))
    }
}

async fn delete_backup(core: Shared, path: web::Path<(String, Uuid)>) -> Answer {
    let server = known_server(&core, &path.0)?;
    if backups::delete(&core, server, path.1) {
        Ok(accepted())
    } else {
        Err(refuse(StatusCode::NOT_FOUND, "backup not found"))
    }
}
