//! Three regions on one machine, as real processes on the loopback address.
//!
//! | Region | Database it reads from | Redis | Panel |
//! |---|---|---|---|
//! | a | the primary | a primary and a replica behind three Sentinels | `server-a1`, `server-a2`, `worker-a` |
//! | b | a streaming replica | one | `server-b1`, `server-b2`, `worker-b` |
//! | c | a streaming replica | one | `server-c1`, `server-c2` |
//!
//! In front of all stands HAProxy without sticky sessions; the nodes are simulated. Whatever leaves a region, and whatever goes to a node,
//! goes through a relay that can delay, cut or swallow it.
//!
//! **Invariant:** nothing here outlives the process that holds the [`Topology`], however that ends, and no service that runs on the machine
//! is touched.

pub mod control;
mod databases;
mod panel;
mod part;
mod ports;
mod redis;
mod world;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::Outcome;
use crate::client::Client;
use crate::relay::{Condition, Relay};

use part::Part;
use ports::Ports;

pub use panel::encryption_key;
pub use world::{Account, NodePlace, ServerPlace, World};

/// One of the three regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// Where the primary database is.
    A,
    /// The nearer of the two others.
    B,
    /// The farther one.
    C,
}

impl Region {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// Its name: `a`, `b` or `c`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        }
    }
}

impl Display for Region {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Gets `log/<name>.log` and what the processes are configured with.
    pub folder: PathBuf,
    /// Where `panel-server`, `panel-worker` and `wings-sim` are.
    pub programs: PathBuf,
    /// What a round trip between region a and regions b and c takes, besides nothing.
    pub round_trips: [Duration; 2],
    /// How many simulated nodes there are.
    pub nodes: usize,
    /// How many users without rights of administration are made, each with a server.
    pub users: usize,
    /// Whether region a, too, reads from the replicas of the others, so that the primary is asked only for what it alone may answer.
    pub offload_primary: bool,
    /// More of the environment of every `panel-server` and `panel-worker`; it wins over what they get otherwise.
    pub environment: Vec<(String, String)>,
}

impl Options {
    /// Three nodes and three users without any latency, with the programs that were built beside the running one.
    ///
    /// # Errors
    /// The running program cannot be found.
    pub fn new(folder: impl Into<PathBuf>) -> Outcome<Self> {
        let own = std::env::current_exe()?;
        let mut programs = own
            .parent()
            .ok_or("the running program is in no folder")?
            .to_owned();
        // Where cargo puts tests.
        if programs.ends_with("deps") {
            programs.pop();
        }
        Ok(Self {
            folder: folder.into(),
            programs,
            round_trips: [Duration::ZERO; 2],
            nodes: 3,
            users: 3,
            offload_primary: false,
            environment: Vec::new(),
        })
    }
}

/// One line of a topology's state.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// The part's or relay's name.
    pub name: String,
    /// What it does: `running`, `hung`, `down`, or a relay's condition.
    pub state: String,
    /// Where it is found.
    pub address: String,
    /// Its process id, or nothing for a relay.
    pub pid: Option<u32>,
}

/// The running topology. Dropping it ends everything.
#[derive(Debug)]
pub struct Topology {
    parts: Vec<Arc<Part>>,
    relays: BTreeMap<String, Relay>,
    addresses: Addresses,
    folder: PathBuf,
    world: World,
    /// Last, when nothing uses it any more.
    _data: tempfile::TempDir,
}

/// Where everything listens.
#[derive(Debug)]
struct Addresses {
    primary: u16,
    replicas: [u16; 2],
    balancer: u16,
    /// Per region.
    balancers: [u16; 3],
    servers: Vec<(String, Region, u16, u16)>,
    workers: Vec<(String, Region, u16)>,
    nodes: Vec<u16>,
}

impl Topology {
    /// Starts everything, migrates the database, and makes what a panel needs before it is of use: an administrator, users, nodes, an egg
    /// and servers, over its own API. Returns when every server answers through the balancer and the demo servers are installed.
    ///
    /// # Errors
    /// A program is missing or does not start; the message holds what it wrote.
    pub async fn start(options: Options) -> Outcome<Self> {
        // The processes have another working folder.
        let folder = std::path::absolute(&options.folder)?;
        std::fs::create_dir_all(folder.join("log"))?;
        let mut ports = Ports::new();
        let data = databases::folder()?;
        let addresses = Addresses::choose(&mut ports, options.nodes)?;
        let relays = start_relays(&addresses, &mut ports).await?;
        let mut topology = Self {
            parts: Vec::new(),
            relays,
            addresses,
            folder,
            world: World::default(),
            _data: data,
        };
        databases::start(&mut topology, &options).await?;
        let redis = redis::start(&mut topology, &mut ports).await?;
        panel::start(&mut topology, &options, &redis).await?;
        topology.world = world::make(&mut topology, &options).await?;
        topology.set_round_trips(options.round_trips);
        Ok(topology)
    }

    /// The balancer's address for all servers, round robin: what users would use.
    #[must_use]
    pub fn url(&self) -> String {
        loopback(self.addresses.balancer)
    }

    /// The balancer's address for the servers of one region.
    #[must_use]
    pub fn region_url(&self, region: Region) -> String {
        loopback(self.addresses.balancers[region as usize])
    }

    /// The servers: name, region, and address past the balancer.
    pub fn servers(&self) -> impl Iterator<Item = (&str, Region, String)> {
        let servers = self.addresses.servers.iter();
        servers.map(|(name, region, port, _)| (name.as_str(), *region, loopback(*port)))
    }

    /// The operations address of a server or worker, with `/metrics` and `/health/ready`.
    #[must_use]
    pub fn ops_url(&self, name: &str) -> Option<String> {
        let servers = self.addresses.servers.iter();
        let workers = self.addresses.workers.iter();
        let mut ports = servers
            .map(|(server, _, _, ops)| (server, *ops))
            .chain(workers.map(|(worker, _, ops)| (worker, *ops)));
        let (_, port) = ports.find(|(found, _)| *found == name)?;
        Some(loopback(port))
    }

    /// A superuser's URL of the panel's database on the primary, past all relays.
    #[must_use]
    pub fn primary_url(&self) -> String {
        databases::url(self.addresses.primary)
    }

    /// A superuser's URL of the replica of region b or c, past all relays; region a has the primary.
    #[must_use]
    pub fn replica_url(&self, region: Region) -> String {
        databases::url(match region {
            Region::A => self.addresses.primary,
            Region::B => self.addresses.replicas[0],
            Region::C => self.addresses.replicas[1],
        })
    }

    /// The address of a simulated node (from 0), past its relay: for its controls under `/sim/`.
    #[must_use]
    pub fn node_url(&self, node: usize) -> Option<String> {
        self.addresses.nodes.get(node).copied().map(loopback)
    }

    /// What was made over the API at the start.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Where the logs are: `log/<name>.log` in it.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Somebody new who asks the panel through the balancer.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn client(&self) -> Outcome<Client> {
        Client::new(&self.url(), Duration::from_secs(30))
    }

    /// The names of all processes, in the order of their start.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// The names of all relays.
    pub fn relay_names(&self) -> impl Iterator<Item = &str> {
        self.relays.keys().map(String::as_str)
    }

    /// A relay by its name: `b-primary` (region b's way to the primary), `b-replica`, `b-redis`, `replication-b`, `node-1` and so on.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn relay(&self, name: &str) -> Outcome<&Relay> {
        self.relays
            .get(name)
            .ok_or_else(|| format!("there is no relay {name}").into())
    }

    /// Ends a process at once: `SIGKILL`, or PostgreSQL's immediate stop, and waits for its end.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn kill(&self, name: &str) -> Outcome {
        self.with(name, Part::kill).await
    }

    /// Ends a process in order (`SIGTERM`) and waits for its end.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn terminate(&self, name: &str) -> Outcome {
        self.with(name, |part| part.end("TERM")).await
    }

    /// Stops a process where it is (`SIGSTOP`), PostgreSQL with all that serve its connections.
    ///
    /// # Errors
    /// There is none of that name, or it does not run.
    pub async fn hang(&self, name: &str) -> Outcome {
        self.with(name, |part| part.signal("STOP")).await
    }

    /// Lets a process go on that hangs.
    ///
    /// # Errors
    /// There is none of that name, or it does not run.
    pub async fn resume(&self, name: &str) -> Outcome {
        self.with(name, |part| part.signal("CONT")).await
    }

    /// Starts a process again that has ended, at the same address with the same data, and waits until it can be used.
    ///
    /// # Errors
    /// There is none of that name, or it does not start.
    pub async fn start_again(&self, name: &str) -> Outcome {
        self.with(name, Part::start).await
    }

    /// Runs SQL on the database at one of the URLs of this topology, for example `SELECT pg_wal_replay_pause()` on a replica.
    ///
    /// # Errors
    /// The database is away or refuses.
    pub async fn sql(&self, url: &str, statements: &str) -> Outcome {
        databases::execute(url, statements).await
    }

    /// Lets the replica of region b or c apply what it receives only so much later; zero ends that.
    ///
    /// # Errors
    /// The replica does not answer.
    pub async fn set_replay_delay(&self, region: Region, delay: Duration) -> Outcome {
        let url = self.replica_url(region);
        let set = format!(
            "ALTER SYSTEM SET recovery_min_apply_delay = '{}ms'",
            delay.as_millis()
        );
        // A statement of its own: it may not be part of a transaction.
        databases::execute(&url, &set).await?;
        databases::execute(&url, "SELECT pg_reload_conf()").await
    }

    /// Empties every Redis.
    ///
    /// # Errors
    /// One of those that run does not answer.
    pub async fn flush_redis(&self) -> Outcome {
        self.with_redis(|part| {
            match redis::ask(&part.address, "FLUSHALL SYNC")?.as_str() {
                // A replica does not take it; its primary tells it.
                "+OK" => Ok(()),
                refusal if refusal.starts_with("-READONLY") => Ok(()),
                refusal => Err(format!("{} does not flush: {refusal}", part.name).into()),
            }
        })
        .await?;
        Ok(())
    }

    /// Which process is the primary of region a's Redis now.
    ///
    /// # Errors
    /// None is.
    pub async fn redis_primary(&self) -> Outcome<String> {
        let roles = self
            .with_redis(|part| Ok((part.name.clone(), redis::is_primary(&part.address)?)))
            .await?;
        let primary = roles
            .into_iter()
            .find(|(name, primary)| *primary && name.starts_with("redis-a"));
        let (name, _) = primary.ok_or("region a has no Redis primary")?;
        Ok(name)
    }

    async fn with_redis<T: Send + 'static>(
        &self,
        action: fn(&Part) -> Outcome<T>,
    ) -> Outcome<Vec<T>> {
        let parts = self.parts.iter();
        let parts: Vec<_> = parts
            .filter(|part| part.name.starts_with("redis-"))
            .cloned()
            .collect();
        blocking(move || {
            let running = parts
                .iter()
                .filter(|part| part.state() == part::State::Running);
            running.map(|part| action(part)).collect()
        })
        .await
    }

    /// Changes what a round trip between region a and regions b and c takes.
    pub fn set_round_trips(&self, round_trips: [Duration; 2]) {
        for (region, round_trip) in ["b", "c"].into_iter().zip(round_trips) {
            for name in [format!("{region}-primary"), format!("replication-{region}")] {
                if let Some(relay) = self.relays.get(&name) {
                    relay.set_delay(round_trip / 2);
                }
            }
        }
    }

    /// Lets a process go on that hangs, and starts one again that has ended.
    ///
    /// # Errors
    /// There is none of that name, or it does not start.
    pub async fn heal_one(&self, name: &str) -> Outcome {
        self.with(name, heal).await
    }

    /// Opens every relay and lets every process go on or start again.
    ///
    /// # Errors
    /// One of them does not.
    pub async fn heal(&self) -> Outcome {
        for relay in self.relays.values() {
            relay.set(Condition::Open);
        }
        for part in &self.parts {
            let part = Arc::clone(part);
            blocking(move || heal(&part)).await?;
        }
        Ok(())
    }

    /// What every process and relay does now.
    pub async fn status(&self) -> Outcome<Vec<Status>> {
        let parts = self.parts.clone();
        let mut all = blocking(move || {
            let status = |part: &Arc<Part>| Status {
                name: part.name.clone(),
                state: match part.state() {
                    part::State::Running => "running",
                    part::State::Hung => "hung",
                    part::State::Down => "down",
                }
                .to_owned(),
                address: part.address.clone(),
                pid: part.pid(),
            };
            Ok(parts.iter().map(status).collect::<Vec<_>>())
        })
        .await?;
        all.extend(self.relays.iter().map(|(name, relay)| {
            let condition = match relay.condition() {
                Condition::Open => "open",
                Condition::Cut => "cut",
                Condition::BlackHole => "black hole",
                Condition::Trickle => "trickle",
            };
            Status {
                name: format!("relay {name}"),
                state: match relay.delay() {
                    Duration::ZERO => condition.to_owned(),
                    delay => format!("{condition}, {} ms each way", delay.as_millis()),
                },
                address: format!("{} ({} connections)", relay.address(), relay.connections()),
                pid: None,
            }
        }));
        Ok(all)
    }

    async fn with(
        &self,
        name: &str,
        action: impl FnOnce(&Part) -> Outcome + Send + 'static,
    ) -> Outcome {
        let part = self
            .parts
            .iter()
            .find(|part| part.name == name)
            .ok_or_else(|| format!("there is no process {name}"))?;
        let part = Arc::clone(part);
        blocking(move || action(&part)).await
    }

    /// Starts processes at the same time and keeps them; also those beside one that fails, so that all of them end.
    async fn start_parts(&mut self, parts: Vec<Part>) -> Outcome {
        let parts: Vec<Arc<Part>> = parts.into_iter().map(Arc::new).collect();
        self.parts.extend(parts.iter().cloned());
        let starting = parts.into_iter().map(|part| blocking(move || part.start()));
        futures_util::future::join_all(starting)
            .await
            .into_iter()
            .collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join("log").join(format!("{name}.log"))
    }
}

impl Drop for Topology {
    fn drop(&mut self) {
        // All at once, then one after the other, the last one first.
        for part in &self.parts {
            part.ask_to_end();
        }
        while self.parts.pop().is_some() {}
    }
}

impl Addresses {
    fn choose(ports: &mut Ports, nodes: usize) -> Outcome<Self> {
        let mut servers = Vec::new();
        for region in Region::ALL {
            for number in 1..=2 {
                let name = format!("server-{region}{number}");
                servers.push((name, region, ports.take()?, ports.take()?));
            }
        }
        let mut workers = Vec::new();
        for region in [Region::A, Region::B] {
            workers.push((format!("worker-{region}"), region, ports.take()?));
        }
        Ok(Self {
            primary: ports.take()?,
            replicas: [ports.take()?, ports.take()?],
            balancer: ports.take()?,
            balancers: [ports.take()?, ports.take()?, ports.take()?],
            servers,
            workers,
            nodes: (0..nodes).map(|_| ports.take()).collect::<Outcome<_>>()?,
        })
    }
}

/// One for every way that leads out of a region or to a node. Those of Redis are made with it.
async fn start_relays(
    addresses: &Addresses,
    ports: &mut Ports,
) -> Outcome<BTreeMap<String, Relay>> {
    let mut ways = vec![("a-primary".to_owned(), addresses.primary)];
    for (region, replica) in ["b", "c"].into_iter().zip(addresses.replicas) {
        ways.push((format!("{region}-primary"), addresses.primary));
        ways.push((format!("replication-{region}"), addresses.primary));
        ways.push((format!("{region}-replica"), replica));
    }
    for (number, node) in addresses.nodes.iter().enumerate() {
        ways.push((format!("node-{}", number + 1), *node));
    }
    let mut relays = BTreeMap::new();
    for (name, target) in ways {
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, target));
        relays.insert(name, Relay::start(ports.take()?, target).await?);
    }
    Ok(relays)
}

fn heal(part: &Part) -> Outcome {
    match part.state() {
        part::State::Running => Ok(()),
        part::State::Hung => part.signal("CONT"),
        part::State::Down => part.start(),
    }
}

fn loopback(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Runs what waits for processes where it does not hold up relays.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    tokio::task::spawn_blocking(work).await?
}
