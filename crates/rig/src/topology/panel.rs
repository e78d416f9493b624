//! The panel's own processes, and the balancer in front of them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::Outcome;

use super::part::{Launch, Part, Ready};
use super::redis::RedisPlaces;
use super::{Options, Region, Topology, blocking, databases};

/// Of this rig only: it seals what ends with it.
const ENCRYPTION_KEY: &str = "a key for a topology on one machine, and for nothing else";
/// A request that got no answer is asked again elsewhere only when it reads.
const ONLY_SAFE_RETRIES: &str = "http-request disable-l7-retry unless METH_GET";
/// Twice what the balancer takes to notice that a server wants no more requests.
const DRAIN_SECONDS: &str = "2";

/// What seals secrets in every topology. It may not stand in any log.
#[must_use]
pub const fn encryption_key() -> &'static str {
    ENCRYPTION_KEY
}

/// Starts servers and workers, then the balancer.
pub(super) async fn start(
    topology: &mut Topology,
    options: &Options,
    redis: &RedisPlaces,
) -> Outcome {
    let mut parts = Vec::new();
    for (name, region, port, ops) in &topology.addresses.servers {
        let mut environment = environment(topology, options, *region, redis)?;
        let spool = topology.folder.join("spool").join(name);
        environment.extend(
            [
                ("BIND", "127.0.0.1".to_owned()),
                ("PORT", port.to_string()),
                ("APP_OPS_PORT", ops.to_string()),
                ("APP_TRUSTED_PROXIES", "127.0.0.0/8".to_owned()),
                ("APP_DRAIN_SECONDS", DRAIN_SECONDS.to_owned()),
                ("SERVER_NAME", name.clone()),
                ("APP_SPOOL_DIRECTORY", spool.to_string_lossy().into_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        environment.extend(options.environment.iter().cloned());
        parts.push(Part::new(
            name,
            super::loopback(*port),
            Launch::Program {
                command: vec![program(options, "panel-server"), "serve".to_owned()],
                environment,
                log: topology.log(name),
                ready: Ready::Http(*ops, "/health/ready"),
            },
        ));
    }
    for (name, region, ops) in &topology.addresses.workers {
        let mut environment = environment(topology, options, *region, redis)?;
        // The one near the primary leads as long as there is one.
        let priority = if *region == Region::A { 10 } else { 0 };
        environment.push(("APP_OPS_PORT".to_owned(), ops.to_string()));
        environment.push(("APP_WORKER_PRIORITY".to_owned(), priority.to_string()));
        environment.extend(options.environment.iter().cloned());
        parts.push(Part::new(
            name,
            super::loopback(*ops),
            Launch::Program {
                command: vec![program(options, "panel-worker"), "run".to_owned()],
                environment,
                log: topology.log(name),
                ready: Ready::Http(*ops, "/health/ready"),
            },
        ));
    }
    topology.start_parts(parts).await?;
    let balancer = balancer(topology)?;
    topology.start_parts(vec![balancer]).await
}

/// Runs a command of `panel-server` to its end, with a line of input if there is one, and gives what it printed.
pub(super) async fn run(
    topology: &Topology,
    options: &Options,
    arguments: &[&str],
    input: Option<String>,
) -> Outcome<String> {
    let mut command = Command::new(program(options, "panel-server"));
    command
        .args(arguments)
        .current_dir(&topology.folder)
        .env_clear()
        .env("DATABASE_URL", databases::url(topology.addresses.primary))
        // Not needed for these; nobody answers there.
        .env("REDIS_URL", "redis://127.0.0.1:1")
        .env("APP_ENCRYPTION_KEY", ENCRYPTION_KEY)
        .env("APP_URL", topology.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    blocking(move || {
        let mut child = command
            .spawn()
            .map_err(|error| format!("{command:?} cannot be run: {error}"))?;
        if let Some((mut stdin, input)) = child.stdin.take().zip(input) {
            writeln!(stdin, "{input}")?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            Ok(String::from_utf8(output.stdout)?)
        } else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Err(format!("`panel-server` failed: {complaint}").into())
        }
    })
    .await
}

pub(super) fn program(options: &Options, name: &str) -> String {
    options.programs.join(name).to_string_lossy().into_owned()
}

fn environment(
    topology: &Topology,
    options: &Options,
    region: Region,
    redis: &RedisPlaces,
) -> Outcome<Vec<(String, String)>> {
    let way = |name: String| -> Outcome<String> {
        Ok(databases::url(topology.relay(&name)?.address().port()))
    };
    let primary = way(format!("{region}-primary"))?;
    let mut variables = vec![
        ("APP_ENCRYPTION_KEY", ENCRYPTION_KEY.to_owned()),
        ("APP_URL", topology.url()),
        ("APP_REGION", region.name().to_owned()),
    ];
    if region == Region::A && options.offload_primary {
        let replicas = [Region::B, Region::C].map(|region| way(format!("{region}-replica")));
        let replicas = replicas.into_iter().collect::<Outcome<Vec<_>>>()?;
        variables.push(("DATABASE_URL", replicas.join(",")));
        variables.push(("DATABASE_URL_PRIMARY", primary));
    } else if region == Region::A {
        variables.push(("DATABASE_URL", primary));
    } else {
        variables.push(("DATABASE_URL", way(format!("{region}-replica"))?));
        variables.push(("DATABASE_URL_PRIMARY", primary));
    }
    let mut all = redis.environment(region);
    all.extend(
        variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    Ok(all)
}

fn configuration(topology: &Topology) -> Outcome<String> {
    let mut text = "\
global
    maxconn 4000

defaults
    mode http
    option forwardfor if-none
    option redispatch 1
    option httpchk GET /health/ready
    http-check expect status 200
    default-server check inter 500ms fastinter 200ms fall 2 rise 1
    timeout connect 2s
    timeout client 70s
    timeout server 70s
    timeout http-request 10s
    timeout check 2s
    retries 3
    retry-on conn-failure empty-response response-timeout
"
    .to_owned();
    let mut backend = |name: &str, port: u16, region: Option<Region>| -> Outcome {
        write!(
            text,
            "\nfrontend {name}\n    bind 127.0.0.1:{port}\n    default_backend {name}\n\nbackend {name}\n    balance roundrobin\n    {ONLY_SAFE_RETRIES}\n"
        )?;
        for (server, of, port, _) in &topology.addresses.servers {
            if region.is_none_or(|region| region == *of) {
                writeln!(text, "    server {server} 127.0.0.1:{port}")?;
            }
        }
        Ok(())
    };
    backend("everywhere", topology.addresses.balancer, None)?;
    for (region, port) in Region::ALL.into_iter().zip(topology.addresses.balancers) {
        backend(&format!("region-{region}"), port, Some(region))?;
    }
    Ok(text)
}

fn balancer(topology: &Topology) -> Outcome<Part> {
    let file = topology.folder.join("haproxy.cfg");
    std::fs::write(&file, configuration(topology)?)?;
    // Outside of the PATH of most users.
    let program = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"]
        .into_iter()
        .find(|program| std::path::Path::new(program).is_file())
        .unwrap_or("haproxy");
    let command = [program, "-db", "-f", &file.to_string_lossy()];
    Ok(Part::new(
        "haproxy",
        topology.url(),
        Launch::Program {
            command: command.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
            log: topology.log("haproxy"),
            ready: Ready::Http(topology.addresses.balancer, "/health/ready"),
        },
    ))
}
