//! The simulated machine.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::server::ServerState;
use wings_client::wire::system::{
    Applied, CpuStats, DiskStats, MemoryStats, NetworkStats, Overview, OverviewCpu, OverviewMemory,
    OverviewServers, SystemInformation, SystemStats, SystemStatsAnswer,
};

use super::Shared;
use super::answers::{Answer, by_family, json, refuse};
use super::machine;
use crate::core::Core;
use crate::dialect::Dialect;
use crate::ledger::Effect;

pub(super) const CPUS: u64 = 4;
pub(super) const MEMORY: u64 = 8 * 1024 * 1024 * 1024;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/system", web::get().to(information))
        .route("/api/system/overview", web::get().to(overview))
        .route("/api/system/stats", web::get().to(statistics))
        .route("/api/system/config", web::get().to(configuration))
        .route("/api/system/stats/ws", web::get().to(statistics_socket))
        .route("/api/update", web::post().to(update));
}

#[derive(Deserialize)]
struct ShapeQuery {
    v: Option<String>,
}

async fn information(core: Shared, query: web::Query<ShapeQuery>) -> HttpResponse {
    if core.dialect().is_go() && query.v.as_deref() == Some("2") {
        return HttpResponse::Ok().json(machine::detailed(&core));
    }
    HttpResponse::Ok().json(SystemInformation {
        architecture: by_family(&core, "amd64", "x86_64").into(),
        cpu_count: CPUS,
        kernel_version: by_family(&core, "simulated", "Linux (simulated)").into(),
        os: "linux".into(),
        version: core.dialect().version().into(),
    })
}

/// Bytes in use by all servers together.
pub(super) fn memory_used(core: &Core) -> u64 {
    let (now, seed) = (core.now(), core.options.seed);
    core.read(|world| {
        world
            .servers
            .values()
            .map(|server| server.utilization(now, seed).memory_bytes)
            .sum()
    })
}

async fn overview(core: Shared) -> HttpResponse {
    let newest = core.dialect() == Dialect::CalagopusNext;
    let used = memory_used(&core);
    let (total, offline) = core.read(|world| {
        let offline = world
            .servers
            .values()
            .filter(|server| server.state == ServerState::Offline);
        (world.servers.len() as u64, offline.count() as u64)
    });
    HttpResponse::Ok().json(Overview {
        version: core.dialect().version().into(),
        local_time: newest.then(|| core.now().fixed_offset()),
        container_type: "none".into(),
        cpu: OverviewCpu {
            name: "cpu0".into(),
            brand: "Simulated processor".into(),
            vendor_id: "wings-sim".into(),
            frequency_mhz: 3000,
            cpu_count: CPUS,
        },
        memory: OverviewMemory {
            total_bytes: MEMORY,
            free_bytes: MEMORY.saturating_sub(used),
            used_bytes: used,
            used_bytes_process: newest.then_some(MEMORY / 1024),
        },
        servers: OverviewServers {
            total,
            online: total - offline,
            offline,
        },
        architecture: "x86_64".into(),
        kernel_version: "Linux (simulated)".into(),
    })
}

async fn statistics(core: Shared) -> HttpResponse {
    HttpResponse::Ok().json(SystemStatsAnswer {
        stats: figures(&core),
    })
}

/// In MiB from the older daemon, in bytes from the newer one.
fn figures(core: &Core) -> SystemStats {
    let newest = core.dialect() == Dialect::CalagopusNext;
    let unit = if newest { 1 } else { 1024 * 1024 };
    let packets = newest.then_some(0);
    let rate = newest.then_some(0.0);
    let (now, seed) = (core.now(), core.options.seed);
    let (cpu, received, sent, disk) = core.read(|world| {
        world.servers.values().fold((0.0, 0, 0, 0), |sum, server| {
            let load = server.utilization(now, seed);
            (
                sum.0 + load.cpu_absolute,
                sum.1 + load.network.rx_bytes,
                sum.2 + load.network.tx_bytes,
                sum.3 + server.files.size(),
            )
        })
    });
    SystemStats {
        cpu: CpuStats {
            used: f64::min(cpu / 4.0, 100.0),
            threads: CPUS,
            model: "Simulated processor".into(),
        },
        network: NetworkStats {
            received: received / unit,
            receiving_rate: 0.0,
            sent: sent / unit,
            sending_rate: 0.0,
            received_packets: packets,
            received_packets_rate: rate,
            sent_packets: packets,
            sending_packets_rate: rate,
        },
        memory: MemoryStats {
            used: memory_used(core) / unit,
            used_process: newest.then_some(MEMORY / 1024),
            total: MEMORY / unit,
        },
        disk: DiskStats {
            used: disk / unit,
            total: 12 * MEMORY / unit,
            read: 0,
            reading_rate: 0.0,
            written: 0,
            writing_rate: 0.0,
        },
    }
}

/// The figures once a second, for as long as somebody listens.
async fn statistics_socket(
    core: Shared,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, mut session, _frames) = actix_ws::handle(&request, body)?;
    actix_web::rt::spawn(async move {
        let mut interval = tokio::time::interval(core.options.stats_interval);
        loop {
            interval.tick().await;
            let Ok(text) = serde_json::to_string(&figures(&core)) else {
                return;
            };
            if session.text(text).await.is_err() {
                return;
            }
        }
    });
    Ok(response)
}

/// What a daemon of the newest kind fills in where its file says nothing.
const DEFAULTS: &str = include_str!("configuration.json");

async fn configuration(core: Shared) -> Answer {
    let unreadable =
        |error: serde_json::Error| refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let written = serde_json::to_value(&core.options.config).map_err(unreadable)?;
    if core.dialect() != Dialect::CalagopusNext {
        return Ok(HttpResponse::Ok().json(written));
    }
    let mut whole = serde_json::from_str(DEFAULTS).map_err(unreadable)?;
    lay_over(&mut whole, written);
    Ok(HttpResponse::Ok().json(whole))
}

/// Puts what is written in the place of defaults, object by object.
fn lay_over(defaults: &mut serde_json::Value, written: serde_json::Value) {
    match (defaults, written) {
        (serde_json::Value::Object(defaults), serde_json::Value::Object(written)) => {
            for (key, value) in written {
                lay_over(defaults.entry(key).or_insert_with(Default::default), value);
            }
        }
        (place, value) => *place = value,
    }
}

/// A Go daemon takes a new credential at once. Calagopus applies ports, TLS and limits only, none of which is simulated.
async fn update(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: serde_json::Value = json(&core, &request, &body)?;
    let text = |key: &str| order.get(key).and_then(|value| value.as_str());
    if core.dialect().is_go()
        && let (Some(id), Some(token)) = (text("token_id"), text("token"))
    {
        core.change_token(id, token);
        core.record(Uuid::nil(), Effect::TokenChanged, Some(id.to_owned()));
    }
    Ok(HttpResponse::Ok().json(Applied { applied: true }))
}
