//! The machine of a Go daemon, and what a Calagopus daemon offers to look after it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use wings_client::wire::machine::{
    Containers, DetailedInformation, Disk, Docker, DockerDisk, DriverVersion, IpAddresses, Machine,
    MachineUtilization, PruneReport, Runc, Storage,
};
use wings_client::wire::maintenance::{
    LogFile, LogFiles, ResticOrder, TaskAnswer, TaskResult, Upgrade, UpgradeStarted, UsedPort,
    UsedPorts,
};

use super::Shared;
use super::answers::{Answer, accepted, json, refuse};
use super::system::{CPUS, MEMORY, memory_used};
use crate::core::Core;
use crate::dialect::Dialect;

const LOG: &str = "wings.log";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/diagnostics", web::get().to(diagnostics))
        .route("/api/system/ips", web::get().to(addresses))
        .route("/api/system/utilization", web::get().to(utilization))
        .route("/api/system/docker/disk", web::get().to(docker_disk))
        .route(
            "/api/system/docker/image/prune",
            web::delete().to(prune_images),
        )
        .route("/api/system/logs", web::get().to(logs))
        .route("/api/system/logs/{file}", web::get().to(log))
        .route("/api/system/upgrade", web::post().to(upgrade))
        .route("/api/system/restic/{task}", web::post().to(restic))
        .route("/api/system/restic/{task}", web::get().to(restic_result))
        .route("/api/ports/used", web::get().to(used_ports));
}

/// The second shape of a Go daemon's description.
pub(super) fn detailed(core: &Core) -> DetailedInformation {
    let total = core.read(|world| i64::try_from(world.servers.len()).unwrap_or(i64::MAX));
    DetailedInformation {
        version: core.dialect().version().into(),
        docker: Docker {
            version: "simulated".into(),
            cgroups: DriverVersion {
                driver: "systemd".into(),
                version: "2".into(),
            },
            containers: Containers {
                total,
                running: 0,
                paused: 0,
                stopped: total,
            },
            storage: Storage {
                driver: "overlay2".into(),
                filesystem: "extfs".into(),
            },
            runc: Runc {
                version: "simulated".into(),
            },
        },
        system: Machine {
            architecture: "amd64".into(),
            cpu_threads: CPUS,
            memory_bytes: i64::try_from(MEMORY).unwrap_or(i64::MAX),
            kernel_version: "simulated".into(),
            os: "Simulated Linux".into(),
            os_type: "linux".into(),
        },
    }
}

async fn diagnostics(core: Shared) -> HttpResponse {
    let text = format!(
        "Pelican Wings - Diagnostics Report\n{}\nThis node is simulated.\n",
        core.dialect().version()
    );
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

async fn addresses() -> HttpResponse {
    HttpResponse::Ok().json(IpAddresses {
        ip_addresses: Some(vec!["127.0.0.1".into()]),
    })
}

async fn utilization(core: Shared) -> HttpResponse {
    let used = memory_used(&core);
    HttpResponse::Ok().json(MachineUtilization {
        memory_total: MEMORY,
        memory_used: used,
        swap_total: 0,
        swap_used: 0,
        load_average1: 0.5,
        load_average5: 0.4,
        load_average15: 0.3,
        cpu_percent: 1.0,
        disk_total: 100 * MEMORY,
        disk_used: MEMORY,
        disk_details: Some(vec![Disk {
            device: "/dev/simulated".into(),
            mountpoint: "/".into(),
            total_space: 100 * MEMORY,
            used_space: MEMORY,
            tags: Some(vec!["Root".into(), "Data".into()]),
        }]),
    })
}

async fn docker_disk() -> HttpResponse {
    HttpResponse::Ok().json(DockerDisk {
        containers_size: 0,
        images_total: 1,
        images_active: 1,
        images_size: 1024,
        build_cache_size: 0,
    })
}

async fn prune_images() -> HttpResponse {
    HttpResponse::Ok().json(PruneReport::default())
}

fn log_text(core: &Core) -> String {
    let lines = core.read(|world| {
        let entries = world.ledger.iter();
        entries
            .map(|entry| {
                format!(
                    "{} {:?} {}\n",
                    entry.at.to_rfc3339(),
                    entry.effect,
                    entry.server
                )
            })
            .collect::<String>()
    });
    format!("wings-sim boots\n{lines}")
}

async fn logs(core: Shared) -> HttpResponse {
    HttpResponse::Ok().json(LogFiles {
        log_files: vec![LogFile {
            name: LOG.into(),
            size: log_text(&core).len() as u64,
            last_modified: core.now().fixed_offset(),
            compression_type: (core.dialect() == Dialect::CalagopusNext).then(|| "none".into()),
        }],
    })
}

#[derive(Deserialize)]
struct LinesQuery {
    lines: Option<usize>,
}

async fn log(core: Shared, file: web::Path<String>, query: web::Query<LinesQuery>) -> Answer {
    if *file != LOG {
        // The older one calls a missing file a bad request.
        let status = match core.dialect() {
            Dialect::CalagopusNext => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        return Err(refuse(status, "log file not found"));
    }
    let text = log_text(&core);
    let wanted = query
        .lines
        .filter(|_| core.dialect() == Dialect::CalagopusNext)
        .unwrap_or(usize::MAX);
    let skip = text.lines().count().saturating_sub(wanted);
    let text: String = text
        .lines()
        .skip(skip)
        .flat_map(|line| [line, "\n"])
        .collect();
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(text))
}

/// Fetched, compared and forgotten: a simulator does not replace itself.
async fn upgrade(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: Upgrade = json(&core, &request, &body)?;
    let content = core
        .remote
        .fetch(&order.url)
        .await
        .map_err(|text| refuse(StatusCode::CONFLICT, text))?;
    if crate::archive::sha256(&content) != order.sha256 {
        return Err(refuse(StatusCode::CONFLICT, "sha256 hash mismatch"));
    }
    Ok(match core.dialect() {
        Dialect::CalagopusNext => HttpResponse::Accepted().json(UpgradeStarted {
            applied: Some(true),
        }),
        _ => accepted(&core),
    })
}

fn is_task(task: &str) -> bool {
    ["prune", "stats", "unlock"].contains(&task)
}

async fn restic(
    core: Shared,
    task: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    if !is_task(&task) {
        return Err(refuse(StatusCode::NOT_FOUND, "unknown task"));
    }
    let order: ResticOrder = json(&core, &request, &body)?;
    let now = core.now().fixed_offset();
    let result = TaskResult {
        started: now,
        finished: now,
        duration_ms: 0,
        successful: true,
        data: serde_json::Value::Null,
        stderr: String::new(),
    };
    core.memory(|memory| memory.tasks.insert(task.clone(), result.clone()));
    if order.foreground {
        Ok(HttpResponse::Ok().json(TaskAnswer { result }))
    } else {
        Ok(accepted(&core))
    }
}

async fn restic_result(core: Shared, task: web::Path<String>) -> Answer {
    core.memory(|memory| memory.tasks.get(task.as_str()).cloned())
        .map(|result| HttpResponse::Ok().json(TaskAnswer { result }))
        .ok_or_else(|| refuse(StatusCode::NOT_FOUND, "no task has run"))
}

async fn used_ports(core: Shared, request: HttpRequest) -> HttpResponse {
    let mut answer = UsedPorts::default();
    let asked = url::form_urlencoded::parse(request.query_string().as_bytes());
    for (_, ip) in asked.filter(|(key, _)| key == "ip") {
        let ports = core.read(|world| {
            let servers = world.servers.iter().filter_map(|(id, server)| {
                let allocations = &server.document.settings.allocations;
                let default = allocations.default.as_ref()?;
                (default.ip == ip).then_some(UsedPort {
                    port: u32::from(default.port),
                    server: Some(*id),
                })
            });
            servers.collect()
        });
        answer.used.insert(ip.into_owned(), ports);
    }
    HttpResponse::Ok().json(answer)
}
