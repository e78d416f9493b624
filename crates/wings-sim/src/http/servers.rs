//! Servers, their power, their console, their installation, their schedules.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::remote::InstallationScript;
use wings_client::wire::schedules::{ScheduleStatusAnswer, TriggerSchedule};
use wings_client::wire::server::{
    Affected, Commands, CreateServer, InstallLog, LogLines, Power, PowerAction, PowerMany,
    Reinstall, ScriptOutput, ServerSelection, ServerState, Sync, UtilizationAnswer, VersionHash,
};

use super::Shared;
use super::answers::{
    Answer, accepted, by_family, done, json, known_server, no_server, refuse, unforeseen,
};
use crate::archive;
use crate::core::Core;
use crate::dialect::Dialect;
use crate::install::{self, NotCreated};
use crate::ledger::Effect;
use crate::power;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/servers", web::get().to(list))
        .route("/api/servers", web::post().to(create))
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
        .route("/api/servers/power", web::post().to(act_on_many))
        .route("/api/servers/utilization", web::get().to(utilizations))
        .route("/api/servers/{server}", web::get().to(show))
        .route("/api/servers/{server}", web::delete().to(delete))
        .route(
            "/api/servers/{server}/utilization",
            web::get().to(utilization),
        )
        .route("/api/servers/{server}/install", web::post().to(install))
        .route(
            "/api/servers/{server}/install-logs",
            web::get().to(pelican_install_log),
        )
        .route("/api/servers/{server}/script", web::post().to(run_script))
        .route("/api/servers/{server}/version", web::get().to(version))
        .route(
            "/api/servers/{server}/schedules/{schedule}",
            web::get().to(schedule),
        )
        .route(
            "/api/servers/{server}/schedules/{schedule}/{order}",
            web::post().to(order_schedule),
        );
}

async fn list(core: Shared) -> HttpResponse {
    let (now, seed) = (core.now(), core.options.seed);
    let servers: Vec<_> = core.read(|world| {
        world
            .servers
            .values()
            .map(|server| server.wire(now, seed, core.dialect()))
            .collect()
    });
    HttpResponse::Ok().json(servers)
}

async fn create(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: CreateServer = if core.dialect().is_go() {
        let invalid = || {
            refuse(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The data provided in the request could not be validated.",
            )
        };
        let order: CreateServer = serde_json::from_slice(&body).map_err(|_| invalid())?;
        if order.uuid.get_version_num() != 4 {
            return Err(invalid());
        }
        order
    } else {
        json(&core, &request, &body)?
    };
    install::create(&core, order)
        .await
        .map_err(|error| match error {
            NotCreated::Exists => {
                refuse(StatusCode::CONFLICT, "server with this uuid already exists")
            }
            NotCreated::Panel(failure) => {
                tracing::warn!(%failure, "not created");
                by_family(
                    &core,
                    unforeseen(),
                    refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal server error"),
                )
            }
        })?;
    Ok(by_family(&core, accepted(&core), done(&core)))
}

async fn show(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let (now, seed) = (core.now(), core.options.seed);
    core.read_server(server, |server| server.wire(now, seed, core.dialect()))
        .map(|server| HttpResponse::Ok().json(server))
        .ok_or_else(|| no_server(&core))
}

async fn delete(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    if install::delete(&core, server) {
        Ok(done(&core))
    } else {
        Err(no_server(&core))
    }
}

async fn act(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Power = if core.dialect().is_go() {
        serde_json::from_slice(&body).map_err(|_| {
            let text = "The power action provided was not valid, should be one of \"stop\", \"start\", \"restart\", \"kill\"";
            refuse(StatusCode::UNPROCESSABLE_ENTITY, text)
        })?
    } else {
        json(&core, &request, &body)?
    };
    let starts = matches!(order.action, PowerAction::Start | PowerAction::Restart);
    let suspended = core.read_server(server, |server| server.document.settings.suspended);
    if core.dialect().is_go() && starts && suspended == Some(true) {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "Cannot start or restart a server that is suspended.",
        ));
    }
    // Accepted whatever comes of it, as by a real daemon: a refusal shows in the state only.
    if let Err(refused) = power::act(&core, server, order.action) {
        tracing::info!(%server, action = %order.action, reason = refused.text(), "not carried out");
    }
    Ok(accepted(&core))
}

async fn command(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Commands = json(&core, &request, &body)?;
    for line in &order.commands {
        if !power::command(&core, server, line) {
            return Err(by_family(
                &core,
                refuse(
                    StatusCode::BAD_GATEWAY,
                    "Cannot send commands to a stopped server instance.",
                ),
                refuse(StatusCode::EXPECTATION_FAILED, "server is offline"),
            ));
        }
    }
    Ok(done(&core))
}

#[derive(Deserialize)]
struct LogQuery {
    lines: Option<usize>,
    size: Option<String>,
}

async fn logs(core: Shared, path: web::Path<String>, query: web::Query<LogQuery>) -> Answer {
    let server = known_server(&core, &path)?;
    if core.dialect().is_go() {
        return go_logs(&core, server, query.size.as_deref());
    }
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

/// As JSON, 100 lines at most; an error where there never was a container.
fn go_logs(core: &Core, server: Uuid, size: Option<&str>) -> Answer {
    let wanted = size
        .and_then(|size| size.parse().ok())
        .filter(|size| (1..=100).contains(size))
        .unwrap_or(100);
    let lines = core.read_server(server, |server| {
        let skip = server.console.len().saturating_sub(wanted);
        server
            .console
            .iter()
            .skip(skip)
            .cloned()
            .collect::<Vec<_>>()
    });
    let lines = lines.unwrap_or_default();
    if lines.is_empty() {
        return Err(unforeseen());
    }
    Ok(HttpResponse::Ok().json(LogLines { data: Some(lines) }))
}

async fn pelican_install_log(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    core.read_server(server, |server| server.install_log.join("\n"))
        .filter(|text| !text.is_empty())
        .map(|data| HttpResponse::Ok().json(InstallLog { data }))
        .ok_or_else(|| {
            refuse(
                StatusCode::INTERNAL_SERVER_ERROR,
                "failed to read the log for the installation process.",
            )
        })
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
    // A missing or broken body means: ask the panel. The Go daemons do not look at it.
    let inline = serde_json::from_slice::<Sync>(&body)
        .ok()
        .filter(|_| !core.dialect().is_go())
        .and_then(|order| order.server);
    let document = match inline {
        Some(document) => *document,
        None => match core.remote.server(server).await {
            Ok(document) => document,
            Err(failure) => {
                tracing::warn!(%failure, %server, "not synced");
                return by_family(&core, Err(unforeseen()), Ok(done(&core)));
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
    Ok(done(&core))
}

async fn reinstall(core: Shared, path: web::Path<String>, body: web::Bytes) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Reinstall = if core.dialect().is_go() {
        Reinstall::default()
    } else {
        serde_json::from_slice(&body).unwrap_or_default()
    };
    if install::reinstall(&core, server, order) {
        Ok(accepted(&core))
    } else {
        let text = by_family(
            &core,
            "Cannot execute server reinstall event while another power action is running.",
            "server is locked",
        );
        Err(refuse(StatusCode::CONFLICT, text))
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
        Ok(accepted(&core))
    } else {
        Err(refuse(StatusCode::CONFLICT, "server is not installing"))
    }
}

/// Runs the installation, without looking at what else goes on (Go).
async fn install(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    install::again(&core, server);
    Ok(accepted(&core))
}

async fn act_on_many(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: PowerMany = json(&core, &request, &body)?;
    let known: Vec<Uuid> = core.read(|world| world.servers.keys().copied().collect());
    let meant = match order.servers {
        ServerSelection::All => known,
        ServerSelection::Uuids { uuids } => {
            let wanted = uuids.into_iter().filter(|server| known.contains(server));
            wanted.collect()
        }
    };
    let affected = meant
        .iter()
        .filter(|server| power::act(&core, **server, order.action).is_ok())
        .count() as u64;
    Ok(HttpResponse::Accepted().json(Affected { affected }))
}

async fn utilizations(core: Shared) -> HttpResponse {
    let (now, seed, dialect) = (core.now(), core.options.seed, core.dialect());
    let loads = core.read(|world| {
        let servers = world.servers.values();
        servers
            .map(|server| (server.uuid(), server.utilization_in(now, seed, dialect)))
            .collect::<std::collections::BTreeMap<_, _>>()
    });
    HttpResponse::Ok().json(loads)
}

async fn utilization(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let (now, seed, dialect) = (core.now(), core.options.seed, core.dialect());
    core.read_server(server, |server| server.utilization_in(now, seed, dialect))
        .map(|utilization| HttpResponse::Ok().json(UtilizationAnswer { utilization }))
        .ok_or_else(|| no_server(&core))
}

async fn run_script(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let script: InstallationScript = json(&core, &request, &body)?;
    let printed = core.read_server(server, |server| {
        crate::script::install(&script, &server.document).join("\n")
    });
    let stdout = printed.unwrap_or_default();
    core.record(server, Effect::ScriptRun, None);
    if core.dialect() == Dialect::CalagopusNext {
        return Ok(HttpResponse::Ok().content_type("text/plain").body(stdout));
    }
    let stderr = String::new();
    Ok(HttpResponse::Ok().json(ScriptOutput { stdout, stderr }))
}

/// The checksum of the only program a simulated server can have.
async fn version(core: Shared, path: web::Path<String>) -> Answer {
    let server = known_server(&core, &path)?;
    let hash = core.read_server(server, |server| {
        server.files.read("server.jar").map(archive::sha256).ok()
    });
    hash.flatten()
        .map(|hash| HttpResponse::Ok().json(VersionHash { hash }))
        .ok_or_else(|| refuse(StatusCode::NOT_FOUND, "version not found"))
}

/// The server, when it was told of the schedule.
fn scheduled(core: &Core, server: &str, schedule: &str) -> Result<Uuid, super::Refusal> {
    let server = known_server(core, server)?;
    let known = core.read_server(server, |server| {
        let schedules = &server.document.settings.schedules;
        schedules
            .iter()
            .any(|known| known.get("uuid").and_then(|id| id.as_str()) == Some(schedule))
    });
    if known == Some(true) {
        Ok(server)
    } else {
        Err(refuse(StatusCode::NOT_FOUND, "schedule not found"))
    }
}

async fn schedule(core: Shared, path: web::Path<(String, String)>) -> Answer {
    scheduled(&core, &path.0, &path.1)?;
    // The older one says "accepted" to a question.
    let mut answer = match core.dialect() {
        Dialect::CalagopusNext => HttpResponse::Ok(),
        _ => HttpResponse::Accepted(),
    };
    Ok(answer.json(ScheduleStatusAnswer::default()))
}

async fn order_schedule(
    core: Shared,
    path: web::Path<(String, String, String)>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = scheduled(&core, &path.0, &path.1)?;
    let effect = if path.2 == "trigger" {
        json::<TriggerSchedule>(&core, &request, &body)?;
        Effect::ScheduleTriggered
    } else {
        Effect::ScheduleAborted
    };
    core.record(server, effect, Some(path.1.clone()));
    Ok(done(&core))
}
