//! The simulator's own controls, for tests in other processes: `/sim/..`, answered to this machine only.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::Shared;
use super::answers::{Answer, refuse};
use crate::boot::flush_activity;
use crate::faults::PlannedFault;
use crate::power;
use crate::sim::{finish_install, summaries};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let controls = web::scope("/sim")
        .guard(actix_web::guard::fn_guard(|context| {
            let peer = context.head().peer_addr;
            peer.is_none_or(|peer| peer.ip().is_loopback())
        }))
        .route("/ledger", web::get().to(ledger))
        .route("/servers", web::get().to(servers))
        .route("/servers/{server}/console", web::get().to(console))
        .route("/servers/{server}/print", web::post().to(print))
        .route(
            "/servers/{server}/finish-install",
            web::post().to(install_ends),
        )
        .route("/servers/{server}/advance", web::post().to(advance))
        .route("/servers/{server}/crash", web::post().to(crash))
        .route("/faults", web::post().to(plan_fault))
        .route("/faults", web::delete().to(forget_faults))
        .route("/pause", web::post().to(pause))
        .route("/resume", web::post().to(resume))
        .route("/activity/flush", web::post().to(flush));
    config.service(controls);
}

#[derive(Deserialize)]
struct LedgerQuery {
    /// Only what came after this position.
    #[serde(default)]
    after: u64,
}

async fn ledger(core: Shared, query: web::Query<LedgerQuery>) -> HttpResponse {
    let entries: Vec<_> = core.read(|world| {
        let later = world.ledger.iter().filter(|entry| entry.seq > query.after);
        later.cloned().collect()
    });
    HttpResponse::Ok().json(entries)
}

async fn servers(core: Shared) -> HttpResponse {
    HttpResponse::Ok().json(core.read(summaries))
}

async fn console(core: Shared, server: web::Path<Uuid>) -> HttpResponse {
    let lines = core.read_server(*server, |server| server.console.clone());
    HttpResponse::Ok().json(lines.unwrap_or_default())
}

#[derive(Deserialize)]
struct Line {
    line: String,
}

async fn print(core: Shared, server: web::Path<Uuid>, line: web::Json<Line>) -> HttpResponse {
    power::print(&core, *server, line.into_inner().line);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct Outcome {
    successful: bool,
}

async fn install_ends(
    core: Shared,
    server: web::Path<Uuid>,
    outcome: web::Json<Outcome>,
) -> Answer {
    finish_install(&core, *server, outcome.successful)
        .await
        .map_err(|error| refuse(StatusCode::CONFLICT, error.to_string()))?;
    Ok(HttpResponse::NoContent().finish())
}

async fn advance(core: Shared, server: web::Path<Uuid>) -> HttpResponse {
    let moved = power::advance(&core, *server).await;
    HttpResponse::Ok().json(serde_json::json!({ "moved": moved }))
}

async fn crash(core: Shared, server: web::Path<Uuid>) -> HttpResponse {
    power::crash(&core, *server);
    HttpResponse::NoContent().finish()
}

async fn plan_fault(core: Shared, fault: web::Json<PlannedFault>) -> HttpResponse {
    core.faults.plan(fault.into_inner());
    HttpResponse::NoContent().finish()
}

async fn forget_faults(core: Shared) -> HttpResponse {
    core.faults.forget();
    HttpResponse::NoContent().finish()
}

async fn pause(core: Shared) -> HttpResponse {
    core.paused.send_replace(true);
    HttpResponse::NoContent().finish()
}

async fn resume(core: Shared) -> HttpResponse {
    core.paused.send_replace(false);
    HttpResponse::NoContent().finish()
}

async fn flush(core: Shared) -> Answer {
    flush_activity(&core)
        .await
        .map_err(|failure| refuse(StatusCode::BAD_GATEWAY, failure.to_string()))?;
    Ok(HttpResponse::NoContent().finish())
}
