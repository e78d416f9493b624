//! The simulated machine.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use wings_client::wire::server::{DeauthorizeUser, ServerState};
use wings_client::wire::system::{
    Applied, CpuStats, DiskStats, MemoryStats, NetworkStats, Overview, OverviewCpu, OverviewMemory,
    OverviewServers, SystemInformation, SystemStats, SystemStatsAnswer,
};

use super::Shared;
use super::answers::{Answer, done, json};
use crate::VERSION;
use crate::core::{Core, Event};
use crate::ledger::Effect;

const CPUS: u64 = 4;
const MEMORY: u64 = 8 * 1024 * 1024 * 1024;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/system", web::get().to(information))
        .route("/api/system/overview", web::get().to(overview))
        .route("/api/system/stats", web::get().to(statistics))
        .route("/api/system/config", web::get().to(configuration))
        .route("/api/update", web::post().to(update))
        .route("/api/deauthorize-user", web::post().to(deauthorize));
}

async fn information() -> HttpResponse {
    HttpResponse::Ok().json(SystemInformation {
        architecture: "x86_64".into(),
        cpu_count: CPUS,
        kernel_version: "Linux (simulated)".into(),
        os: "linux".into(),
        version: VERSION.into(),
    })
}

/// Bytes in use by all servers together.
fn memory_used(core: &Core) -> u64 {
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
    let used = memory_used(&core);
    let (total, offline) = core.read(|world| {
        let offline = world
            .servers
            .values()
            .filter(|server| server.state == ServerState::Offline);
        (world.servers.len() as u64, offline.count() as u64)
    });
    HttpResponse::Ok().json(Overview {
        version: VERSION.into(),
        local_time: None,
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
            used_bytes_process: None,
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
    const MIB: u64 = 1024 * 1024;
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
    HttpResponse::Ok().json(SystemStatsAnswer {
        stats: SystemStats {
            cpu: CpuStats {
                used: f64::min(cpu / 4.0, 100.0),
                threads: CPUS,
                model: "Simulated processor".into(),
            },
            network: NetworkStats {
                received: received / MIB,
                receiving_rate: 0.0,
                sent: sent / MIB,
                sending_rate: 0.0,
            },
            memory: MemoryStats {
                used: memory_used(&core) / MIB,
                used_process: None,
                total: MEMORY / MIB,
            },
            disk: DiskStats {
                used: disk / MIB,
                total: 100 * 1024,
                read: 0,
                reading_rate: 0.0,
                written: 0,
                writing_rate: 0.0,
            },
        },
    })
}

async fn configuration(core: Shared) -> HttpResponse {
    HttpResponse::Ok().json(&core.options.config)
}

/// Accepted and without consequence: a Calagopus daemon applies ports, TLS and limits only, none of which is simulated.
async fn update(request: HttpRequest, body: web::Bytes) -> Answer {
    json::<serde_json::Value>(&request, &body)?;
    Ok(HttpResponse::Ok().json(Applied { applied: true }))
}

async fn deauthorize(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: DeauthorizeUser = json(&request, &body)?;
    let known: BTreeSet<_> = core.read(|world| world.servers.keys().copied().collect());
    let servers: Vec<_> = if order.servers.is_empty() {
        known.into_iter().collect()
    } else {
        order
            .servers
            .into_iter()
            .filter(|server| known.contains(server))
            .collect()
    };
    for server in servers {
        core.record(
            server,
            Effect::UserDeauthorized,
            Some(order.user.to_string()),
        );
        core.announce(Event::Revoked {
            server,
            user: order.user,
        });
    }
    Ok(done())
}
