//! Region a's Redis with a replica and three Sentinels, and a single one in each of the others.

use std::net::{Ipv4Addr, SocketAddr};

use crate::Outcome;
use crate::private::ask_redis;
use crate::relay::Relay;

use super::part::{Launch, Part, Ready};
use super::ports::Ports;
use super::{Region, Topology};

/// The name under which the Sentinels know region a's primary.
const MASTER: &str = "roost";

/// What panels are told of their region's Redis.
#[derive(Debug)]
pub(super) struct RedisPlaces {
    sentinels: Vec<u16>,
    /// Regions b and c.
    single: [u16; 2],
}

impl RedisPlaces {
    pub(super) fn environment(&self, region: Region) -> Vec<(String, String)> {
        let single = |port: u16| vec![("REDIS_URL", format!("redis://127.0.0.1:{port}"))];
        let variables = match region {
            Region::A => {
                let sentinels = self.sentinels.iter();
                let sentinels: Vec<_> = sentinels.map(|port| format!("127.0.0.1:{port}")).collect();
                vec![
                    ("REDIS_MODE", "sentinel".to_owned()),
                    ("REDIS_SENTINEL_CLUSTER", MASTER.to_owned()),
                    ("REDIS_SENTINELS", sentinels.join(",")),
                ]
            }
            Region::B => single(self.single[0]),
            Region::C => single(self.single[1]),
        };
        variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Starts all of them.
pub(super) async fn start(topology: &mut Topology, ports: &mut Ports) -> Outcome<RedisPlaces> {
    let primary = ports.take()?;
    let replica = ports.take()?;
    topology
        .start_parts(vec![redis(topology, "redis-a", primary, &[])])
        .await?;
    let leader = primary.to_string();
    let mut parts = vec![redis(
        topology,
        "redis-a-replica",
        replica,
        &["--replicaof", "127.0.0.1", &leader],
    )];
    let mut single = [0; 2];
    for (region, way) in [Region::B, Region::C].into_iter().zip(&mut single) {
        let port = ports.take()?;
        let name = format!("redis-{region}");
        parts.push(redis(topology, &name, port, &[]));
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let relay = Relay::start(ports.take()?, target).await?;
        *way = relay.address().port();
        topology.relays.insert(format!("{region}-redis"), relay);
    }
    topology.start_parts(parts).await?;

    let mut sentinels = Vec::new();
    let mut parts = Vec::new();
    for number in 1..=3 {
        let port = ports.take()?;
        sentinels.push(port);
        parts.push(sentinel(topology, number, port, primary)?);
    }
    topology.start_parts(parts).await?;
    Ok(RedisPlaces { sentinels, single })
}

/// The first line of the answer to an inline command.
pub(super) fn ask(address: &str, command: &str) -> Outcome<String> {
    let port = address.rsplit_once(':').map_or("", |(_, port)| port);
    Ok(ask_redis(port.parse()?, command)?)
}

/// `ROLE` answers three things of a primary (itself, its offset, its replicas) and five of a replica.
pub(super) fn is_primary(address: &str) -> Outcome<bool> {
    Ok(ask(address, "ROLE")? == "*3")
}

fn redis(topology: &Topology, name: &str, port: u16, more: &[&str]) -> Part {
    let port_text = port.to_string();
    let mut command = vec![
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        &port_text,
        "--save",
        "",
        "--appendonly",
        "no",
        // What a replica needs to follow goes over the socket; a file would land in the working folder, which is the root.
        "--repl-diskless-sync",
        "yes",
        "--repl-diskless-sync-delay",
        "0",
        "--repl-diskless-load",
        "swapdb",
    ];
    command.extend(more);
    program(topology, name, port, &command)
}

/// A Sentinel writes what it learns into its configuration, so each has a file of its own.
fn sentinel(topology: &Topology, number: usize, port: u16, primary: u16) -> Outcome<Part> {
    let name = format!("sentinel-{number}");
    let file = topology.folder.join(format!("{name}.conf"));
    std::fs::write(
        &file,
        format!(
            "port {port}\nbind 127.0.0.1\nprotected-mode no\nsentinel monitor {MASTER} 127.0.0.1 {primary} 2\n\
             sentinel down-after-milliseconds {MASTER} 1000\nsentinel failover-timeout {MASTER} 6000\n\
             sentinel parallel-syncs {MASTER} 1\n"
        ),
    )?;
    let file = file.to_string_lossy();
    let command = ["redis-server", &file, "--sentinel"];
    Ok(program(topology, &name, port, &command))
}

fn program(topology: &Topology, name: &str, port: u16, command: &[&str]) -> Part {
    Part::new(
        name,
        format!("redis://127.0.0.1:{port}"),
        Launch::Program {
            command: command.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
            log: topology.log(name),
            ready: Ready::Redis(port),
        },
    )
}
