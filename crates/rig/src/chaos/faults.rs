//! What is broken, for how long, and how long it takes until everything is as before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use crate::Outcome;
use crate::client::{Client, Method};
use crate::relay::Condition;
use crate::topology::Region;

use super::Run;
use super::history::Finding;

/// Between two faults: the last one's aftermath is over before the next one.
const QUIET: Duration = Duration::from_secs(6);
/// How long recovery is waited for before the next fault comes anyway.
const GIVE_UP: Duration = Duration::from_secs(60);
/// How often a simulated node is told something before that counts as a failure.
const TELL_ATTEMPTS: u32 = 10;

/// Something to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A replica receives and does not apply.
    PauseReplay(Region),
    /// The node does what it is told, and its answers are lost.
    LoseAnswers(usize),
    KillServer(usize),
    StopPrimary,
    /// Every server of a region is stopped in order and started again, one after the other.
    Roll(Region),
    KillWorker,
    HangWorker,
    StopReplica(Region),
    KillRedis(Region),
    HangRedis(Region),
    FlushRedis,
    KillRedisPrimary,
    KillSentinel,
    KillNode(usize),
    HangNode(usize),
    SwallowNode(usize),
    CutPrimary(Region),
    SwallowPrimary(Region),
    SwallowReplica(Region),
    KillBalancer,
}

/// All of them. The first ones are those that the shortest run has, so that every promise is tried.
const ALL: &[Fault] = &[
    Fault::PauseReplay(Region::B),
    Fault::LoseAnswers(0),
    Fault::KillServer(0),
    Fault::PauseReplay(Region::C),
    Fault::StopPrimary,
    Fault::Roll(Region::A),
    Fault::KillWorker,
    Fault::KillRedisPrimary,
    Fault::FlushRedis,
    Fault::KillNode(0),
    Fault::StopReplica(Region::B),
    Fault::CutPrimary(Region::C),
    Fault::HangRedis(Region::C),
    Fault::KillServer(3),
    Fault::SwallowNode(2),
    Fault::HangWorker,
    Fault::KillRedis(Region::B),
    Fault::SwallowReplica(Region::C),
    Fault::HangNode(1),
    Fault::Roll(Region::B),
    Fault::SwallowPrimary(Region::B),
    Fault::LoseAnswers(1),
    Fault::KillSentinel,
    Fault::StopReplica(Region::C),
    Fault::KillServer(4),
    Fault::Roll(Region::C),
    Fault::KillBalancer,
    Fault::KillServer(1),
    Fault::KillServer(2),
    Fault::KillServer(5),
];
/// Those that keep their place.
const FIRST: usize = 4;

/// What was broken and how it went.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Injected {
    pub(crate) fault: String,
    /// Seconds since the run began.
    pub(crate) at: f64,
    /// From its end, or for what is to heal by itself from its beginning, to the first answer that shows everything as before; nothing when that was not seen.
    pub(crate) recovery_seconds: Option<f64>,
    /// What it may take.
    pub(crate) bound_seconds: f64,
}

/// Breaks one thing after the other until `until`.
pub(super) async fn inject(run: &Arc<Run>, until: Instant) -> Outcome<Vec<Injected>> {
    let mut order: Vec<Fault> = ALL.to_vec();
    let mut random = Random(run.seed);
    let mut injected = Vec::new();
    // Long enough for the actors to be at work.
    tokio::time::sleep(QUIET / 2).await;
    for round in 0.. {
        // The first round begins with its fixed ones; the next ones are in any order.
        random.shuffle(&mut order[if round == 0 { FIRST } else { 0 }..]);
        for fault in order.clone() {
            if Instant::now() >= until {
                return Ok(injected);
            }
            injected.push(fault.inject(run).await?);
            tokio::time::sleep(QUIET.min(until.saturating_duration_since(Instant::now()))).await;
        }
    }
    Ok(injected)
}

impl Fault {
    fn name(self) -> String {
        match self {
            Self::PauseReplay(region) => format!("replay paused on replica {region}"),
            Self::LoseAnswers(node) => format!("answers of node-{} lost", node + 1),
            Self::KillServer(server) => format!("a server killed ({})", server_name(server)),
            Self::StopPrimary => "primary stopped at once".to_owned(),
            Self::Roll(region) => format!("servers of region {region} replaced one by one"),
            Self::KillWorker => "the leading worker killed".to_owned(),
            Self::HangWorker => "the leading worker hung".to_owned(),
            Self::StopReplica(region) => format!("replica {region} stopped"),
            Self::KillRedis(region) => format!("redis {region} killed"),
            Self::HangRedis(region) => format!("redis {region} hung"),
            Self::FlushRedis => "every redis flushed".to_owned(),
            Self::KillRedisPrimary => "the redis primary of region a killed".to_owned(),
            Self::KillSentinel => "a sentinel killed".to_owned(),
            Self::KillNode(node) => format!("node-{} killed", node + 1),
            Self::HangNode(node) => format!("node-{} hung", node + 1),
            Self::SwallowNode(node) => format!("the way to node-{} swallows everything", node + 1),
            Self::CutPrimary(region) => format!("region {region} cut from the primary"),
            Self::SwallowPrimary(region) => {
                format!("region {region}'s way to the primary swallows everything")
            }
            Self::SwallowReplica(region) => {
                format!("region {region}'s way to its replica swallows everything")
            }
            Self::KillBalancer => "the balancer killed".to_owned(),
        }
    }

    /// Whether requests may fail by it. Caches, workers, and orderly replacements are nothing that anybody may notice.
    const fn excuses(self) -> bool {
        !matches!(
            self,
            Self::PauseReplay(_)
                | Self::Roll(_)
                | Self::KillWorker
                | Self::HangWorker
                | Self::KillRedis(_)
                | Self::HangRedis(_)
                | Self::FlushRedis
                | Self::KillRedisPrimary
                | Self::KillSentinel
        )
    }

    /// How soon everything must be as before.
    const fn bound(self) -> Duration {
        Duration::from_secs(match self {
            // A lease has to run out first.
            Self::KillWorker | Self::HangWorker => 15,
            // A breaker probes it.
            Self::LoseAnswers(_) | Self::KillNode(_) | Self::HangNode(_) | Self::SwallowNode(_) => {
                15
            }
            _ => 5,
        })
    }

    async fn inject(self, run: &Arc<Run>) -> Outcome<Injected> {
        let name = self.name();
        run.say(&name);
        let at = run.history.seconds();
        let window = run.history.open_window(self.excuses());
        let broken = self.break_and_heal(run).await?;
        let recovered = self.recover(run, &broken).await;
        if let Some(worker) = broken.worker {
            run.topology.heal_one(worker).await?;
        }
        run.history.close_window(window);
        let bound = self.bound();
        if recovered.is_none_or(|took| took > bound) {
            let took = recovered.map_or("not seen".to_owned(), |took| {
                format!("{:.1} s", took.as_secs_f64())
            });
            let text = format!(
                "{at:.1} s: {name}: recovery {took}, the bound is {} s",
                bound.as_secs()
            );
            run.history.found(Finding::SlowRecovery, text);
        }
        Ok(Injected {
            fault: name,
            at,
            recovery_seconds: recovered.map(|took| took.as_secs_f64()),
            bound_seconds: bound.as_secs_f64(),
        })
    }

    async fn break_and_heal(self, run: &Run) -> Outcome<Broken> {
        let topology = &run.topology;
        let seconds = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
        match self {
            Self::PauseReplay(region) => {
                let url = topology.replica_url(region);
                topology.sql(&url, "SELECT pg_wal_replay_pause()").await?;
                seconds(8).await;
                topology.sql(&url, "SELECT pg_wal_replay_resume()").await?;
            }
            Self::LoseAnswers(node) => lose_answers(run, node).await?,
            Self::KillServer(server) => for_seconds(run, &server_name(server), 2).await?,
            Self::StopPrimary => for_seconds(run, "postgres-primary", 5).await?,
            Self::Roll(region) => {
                for number in 1..=2 {
                    let name = format!("server-{region}{number}");
                    topology.terminate(&name).await?;
                    topology.start_again(&name).await?;
                    // The balancer asks it twice a second whether it is there again.
                    seconds(2).await;
                }
            }
            Self::KillWorker | Self::HangWorker => {
                let leader = leader(run).await.ok_or("no worker leads")?;
                let since = Instant::now();
                if self == Self::KillWorker {
                    topology.kill(leader).await?;
                } else {
                    topology.hang(leader).await?;
                }
                return Ok(Broken {
                    since,
                    worker: Some(leader),
                });
            }
            Self::StopReplica(region) => {
                for_seconds(run, &format!("postgres-replica-{region}"), 6).await?;
            }
            Self::KillRedis(region) => for_seconds(run, &format!("redis-{region}"), 5).await?,
            Self::HangRedis(region) => {
                let name = format!("redis-{region}");
                topology.hang(&name).await?;
                seconds(6).await;
                topology.resume(&name).await?;
            }
            Self::FlushRedis => {
                for _ in 0..5 {
                    topology.flush_redis().await?;
                    seconds(1).await;
                }
            }
            Self::KillRedisPrimary => {
                let name = topology.redis_primary().await?;
                for_seconds(run, &name, 8).await?;
            }
            Self::KillSentinel => for_seconds(run, "sentinel-1", 5).await?,
            Self::KillNode(node) => for_seconds(run, &format!("node-{}", node + 1), 5).await?,
            Self::HangNode(node) => {
                let name = format!("node-{}", node + 1);
                topology.hang(&name).await?;
                seconds(6).await;
                topology.resume(&name).await?;
            }
            Self::SwallowNode(node) => swallow(run, &format!("node-{}", node + 1), 6).await?,
            Self::CutPrimary(region) => {
                let relay = topology.relay(&format!("{region}-primary"))?;
                relay.set(Condition::Cut);
                seconds(4).await;
                relay.set(Condition::Open);
            }
            Self::SwallowPrimary(region) => swallow(run, &format!("{region}-primary"), 5).await?,
            Self::SwallowReplica(region) => swallow(run, &format!("{region}-replica"), 5).await?,
            Self::KillBalancer => for_seconds(run, "haproxy", 1).await?,
        }
        Ok(Broken {
            since: Instant::now(),
            worker: None,
        })
    }

    /// How long it took until everything was as before; nothing when that was not seen.
    async fn recover(self, run: &Run, broken: &Broken) -> Option<Duration> {
        loop {
            let well = match self {
                Self::KillWorker | Self::HangWorker => leader(run)
                    .await
                    .is_some_and(|leader| Some(leader) != broken.worker),
                Self::LoseAnswers(node)
                | Self::KillNode(node)
                | Self::HangNode(node)
                | Self::SwallowNode(node) => node_answers(run, node).await,
                _ => panel_answers(run).await,
            };
            if well {
                return Some(broken.since.elapsed());
            }
            if broken.since.elapsed() > GIVE_UP {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// What is left of a fault when its time is over.
struct Broken {
    /// From when recovery counts.
    since: Instant,
    /// A worker that comes back only when another leads.
    worker: Option<&'static str>,
}

fn server_name(server: usize) -> String {
    let region = Region::ALL[server / 2 % Region::ALL.len()];
    format!("server-{region}{}", server % 2 + 1)
}

/// Ends a process at once and starts it again so many seconds later.
async fn for_seconds(run: &Run, name: &str, seconds: u64) -> Outcome {
    run.topology.kill(name).await?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    run.topology.start_again(name).await
}

async fn swallow(run: &Run, relay: &str, seconds: u64) -> Outcome {
    let relay = run.topology.relay(relay)?;
    relay.set(Condition::BlackHole);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    relay.set(Condition::Open);
    Ok(())
}

/// For some seconds the node executes commands and power actions, and closes the connection instead of answering.
async fn lose_answers(run: &Run, node: usize) -> Outcome {
    let url = run.topology.node_url(node).ok_or("there is no such node")?;
    let client = run.topology.client()?.at(&url);
    for _ in 0..8 {
        for path in ["/commands", "/power", "/api/servers"] {
            let fault = json!({ "fault": "after_effect_drop", "method": "POST", "path": path });
            tell_node(&client, Method::POST, Some(&fault)).await?;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tell_node(&client, Method::DELETE, None).await
}

/// Tells a simulated node which faults to have. On a machine that is busy with the other faults it may take more than one attempt.
async fn tell_node(client: &Client, method: Method, body: Option<&Value>) -> Outcome {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match client.send(method.clone(), "/sim/faults", body, &[]).await {
            Ok(answer) => {
                answer.ok()?;
                return Ok(());
            }
            Err(error) if attempts == TELL_ATTEMPTS => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

/// Whether a change and a read succeed in every region.
async fn panel_answers(run: &Run) -> bool {
    let admin = &run.topology.world().admin;
    for region in Region::ALL {
        let client = run
            .client
            .stranger()
            .at(&run.topology.region_url(region))
            .with_key(&admin.api_key);
        let body = json!({ "name_last": format!("Probe {}", run.numbers.next()) });
        let changed = client.send(Method::PATCH, "/api/client/account", Some(&body), &[]);
        if !changed.await.is_ok_and(|answer| answer.is_success()) {
            return false;
        }
        if client.get("/api/client/servers").await.is_err() {
            return false;
        }
    }
    true
}

/// Whether the state of a server on the node can be had.
async fn node_answers(run: &Run, node: usize) -> bool {
    let world = run.topology.world();
    let Some(server) = world.servers.iter().find(|server| server.node == node) else {
        return false;
    };
    let client = run.client.with_key(&world.admin.api_key);
    let path = format!("/api/client/servers/{}/resources", server.uuid);
    client.get(&path).await.is_ok()
}

/// The worker that answers that it leads.
async fn leader(run: &Run) -> Option<&'static str> {
    for worker in ["worker-a", "worker-b"] {
        let url = run.topology.ops_url(worker)?;
        let asked = run.client.at(&url);
        let metrics = tokio::time::timeout(Duration::from_secs(1), asked.text("/metrics")).await;
        if let Ok(Ok(metrics)) = metrics
            && metrics.lines().any(|line| line == "worker_leads 1")
        {
            return Some(worker);
        }
    }
    None
}

/// Splitmix64: the same order for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.next() % (last as u64 + 1);
            items.swap(last, usize::try_from(other).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_seed() {
        let order = |seed| {
            let mut order: Vec<usize> = (0..ALL.len()).collect();
            Random(seed).shuffle(&mut order);
            order
        };
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        let mut sorted = order(3);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..ALL.len()).collect::<Vec<_>>());
    }
}
