//! The panel against its limit, in interleaved pairs.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

use super::Outcome;
use super::bare::Fixed;
use super::changes::Changes;
use super::client::{self, Client, Counted, Load};
use super::cores::{Busy, Ticks};
use super::http::{self, request};
use super::panel::{Installation, Panel, Setting};
use super::process::{Process, Start, free_address};

/// The core of the server under test.
pub(crate) const SERVER_CORE: usize = 0;
/// The core of everything else.
pub(crate) const CLIENT_CORE: usize = 1;

/// A server that was less busy than this had something else to wait for.
const SERVER_BUSY: f64 = 0.95;
/// A client that was busier than this may have been what was waited for.
const CLIENT_BUSY: f64 = 0.90;

/// The two halves of a pair take turns so often: a machine that is shared with others is not as quick at one second as at the next.
const SLICES: u32 = 6;
/// How long a server runs before each of its turns but the first is counted.
const BETWEEN_SLICES: Duration = Duration::from_millis(100);

/// Changes per second while the panel is measured.
const CHANGES: u32 = 50;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Settings,
    Account,
    ServerList,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 3] = [Self::Settings, Self::Account, Self::ServerList];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Account => "account",
            Self::ServerList => "server_list",
        }
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Settings => "/api/settings",
            Self::Account => "/api/client/account",
            Self::ServerList => "/api/client/servers",
        }
    }
}

/// How long is measured, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Valid pairs wanted for each endpoint and number of connections.
    pub(crate) pairs: usize,
    /// How long each half of a pair is counted.
    pub(crate) time: Duration,
    /// How long it runs before.
    pub(crate) warm_up: Duration,
}

/// The median of one endpoint's pairs at one number of connections.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    endpoint: &'static str,
    connections: usize,
    local_tier: bool,
    /// Bytes of one answer's body.
    answer_bytes: usize,
    /// The panel's answers per second, the median.
    panel_per_second: f64,
    /// The bare handler's.
    limit_per_second: f64,
    /// The median of the pairs' ratios.
    pub(crate) ratio: f64,
    /// All ratios, in the order measured.
    ratios: Vec<f64>,
    void_pairs: usize,
    failures: u64,
    first_failure: Option<String>,
    changes_per_second: f64,
    changes_failed: u64,
    /// The share of the panel's requests that were answered from what was kept.
    hit_rate: f64,
    /// Commands that Redis got per request of the panel.
    redis_commands_per_request: f64,
    /// The panel's latencies over all its valid halves, in milliseconds.
    p50_ms: f64,
    p99_ms: f64,
    /// Busy shares of the cores while the panel was measured, the means.
    server_busy: f64,
    client_busy: f64,
    /// The same while the limit was.
    limit_server_busy: f64,
    limit_client_busy: f64,
}

/// One half of a pair.
#[derive(Default)]
struct Half {
    counted: Counted,
    server: Busy,
    client: Busy,
}

impl Half {
    /// Adds a slice.
    fn measure(&mut self, client: &mut Client<'_>, warm_up: Duration) -> Outcome {
        let mut before = Err(std::io::Error::other("the run was not counted"));
        let counted = client.run(warm_up, || {
            before =
                Ticks::of(SERVER_CORE).and_then(|server| Ok((server, Ticks::of(CLIENT_CORE)?)));
        })?;
        let (server, client) = before?;
        self.server.add(server, Ticks::of(SERVER_CORE)?);
        self.client.add(client, Ticks::of(CLIENT_CORE)?);
        self.counted.add(counted);
        Ok(())
    }

    fn server_busy(&self) -> f64 {
        self.server.share()
    }

    fn client_busy(&self) -> f64 {
        self.client.share()
    }

    fn is_valid(&self) -> bool {
        self.server_busy() >= SERVER_BUSY && self.client_busy() < CLIENT_BUSY
    }
}

/// Measures one endpoint at one number of connections.
///
/// # Errors
/// A server does not start or stops answering, or too few pairs were valid.
pub(crate) async fn compare(
    installation: &Installation,
    endpoint: Endpoint,
    connections: usize,
    local_tier: bool,
    plan: Plan,
) -> Outcome<Compared> {
    let panel = installation.serve(Setting {
        core: Some(SERVER_CORE),
        without_local_tier: !local_tier,
    })?;
    let requests = requests(installation, endpoint);
    let sample = sample(&panel, installation, endpoint)?;
    let (_bare, bare_address) = start_bare(installation, endpoint, &sample)?;
    fill_caches(&panel, &requests)?;
    let mut valid: Vec<(Half, Half)> = Vec::new();
    let mut void_pairs = 0;
    let tier = if local_tier {
        "tier=\"local\""
    } else {
        "tier=\"redis\""
    };
    let mut counters = Counters::default();
    let load = |address| Load {
        address,
        requests: &requests,
        connections,
        warm_up: plan.warm_up,
        time: plan.time / SLICES,
    };
    let (load_of_panel, load_of_bare) = (load(panel.address), load(bare_address));
    while valid.len() < plan.pairs {
        let before = Counters::read(&panel, installation, tier).await?;
        let mut panels_clients = Client::connect(&load_of_panel)?;
        let mut bares_clients = Client::connect(&load_of_bare)?;
        let (mut of_panel, mut of_bare) = (Half::default(), Half::default());
        let changes = Changes::start(panel.address, &installation.people, CHANGES);
        let mut warm_up = plan.warm_up;
        for _ in 0..SLICES {
            changes.go_on();
            of_panel.measure(&mut panels_clients, warm_up)?;
            changes.pause();
            of_bare.measure(&mut bares_clients, warm_up)?;
            warm_up = BETWEEN_SLICES;
        }
        let (made, failed) = changes.counted();
        drop((changes, panels_clients, bares_clients));
        counters.changes += made;
        counters.changes_failed += failed;
        counters.add(before, Counters::read(&panel, installation, tier).await?);
        if of_panel.is_valid() && of_bare.is_valid() {
            valid.push((of_panel, of_bare));
        } else {
            void_pairs += 1;
            eprintln!(
                "  void pair: panel {:.0}/s (server {:.0} %, client {:.0} %), limit {:.0}/s ({:.0} %, {:.0} %)",
                of_panel.counted.rate(),
                of_panel.server_busy() * 100.0,
                of_panel.client_busy() * 100.0,
                of_bare.counted.rate(),
                of_bare.server_busy() * 100.0,
                of_bare.client_busy() * 100.0,
            );
            if void_pairs > 2 * plan.pairs + 3 {
                return Err("too many pairs were void: is something else running here?".into());
            }
        }
    }
    let seconds = (plan.time + plan.warm_up + BETWEEN_SLICES * (SLICES - 1)).as_secs_f64();
    Ok(summary(
        endpoint,
        connections,
        local_tier,
        sample.body.len(),
        &valid,
        void_pairs,
        &counters,
        seconds,
    ))
}

/// One request of each user, or the one that is the same for all.
pub(crate) fn requests(installation: &Installation, endpoint: Endpoint) -> Vec<Vec<u8>> {
    let of = |session: &str| {
        let cookie = format!("roost_session={session}");
        request("GET", endpoint.path(), &[("cookie", &cookie)], None)
    };
    match endpoint {
        Endpoint::Settings => vec![request("GET", endpoint.path(), &[], None)],
        Endpoint::Account | Endpoint::ServerList => installation
            .people
            .iter()
            .map(|person| of(&person.session))
            .collect(),
    }
}

fn sample(panel: &Panel, installation: &Installation, endpoint: Endpoint) -> Outcome<http::Answer> {
    let person = installation.people.first().ok_or("there is nobody")?;
    let cookie = format!("roost_session={}", person.session);
    let answer = http::get(panel.address, endpoint.path(), &[("cookie", &cookie)])?;
    if answer.status != 200 {
        return Err(format!("{} answers {}", endpoint.path(), answer.status).into());
    }
    Ok(answer)
}

fn start_bare(
    installation: &Installation,
    endpoint: Endpoint,
    sample: &http::Answer,
) -> Outcome<(Process, SocketAddr)> {
    let address = free_address()?;
    let answers = installation.folder.path().join("bare.json");
    super::bare::write(&[Fixed::like(endpoint.path(), sample)], &answers)?;
    let mut bare = Process::start(&Start {
        program: &std::env::current_exe()?,
        arguments: &[
            "bare",
            "--address",
            &address.to_string(),
            "--answers",
            &answers.to_string_lossy(),
        ],
        environment: &[],
        core: Some(SERVER_CORE),
        log: &installation.folder.path().join("bare.log"),
    })?;
    bare.wait_ready(address, endpoint.path())?;
    Ok((bare, address))
}

/// Asks for everything twice: an installation is measured that has run for a while.
fn fill_caches(panel: &Panel, requests: &[Vec<u8>]) -> Outcome {
    let wanted = 2 * u64::try_from(requests.len())?;
    let mut answered = 0;
    while answered < wanted {
        let load = Load {
            address: panel.address,
            requests,
            connections: 16,
            warm_up: Duration::ZERO,
            time: Duration::from_secs(1),
        };
        let counted = client::run(&load)?;
        if let Some(failure) = counted.first_failure {
            return Err(failure.into());
        }
        answered += counted.answered;
    }
    Ok(())
}

/// What is read off the panel and its Redis before and after each half.
#[derive(Debug, Default, Clone, Copy)]
struct Counters {
    requests: f64,
    hits: f64,
    misses: f64,
    redis_commands: f64,
    changes: u64,
    changes_failed: u64,
}

impl Counters {
    async fn read(panel: &Panel, installation: &Installation, tier: &str) -> Outcome<Self> {
        let answers = ["kind=\"answer\"", tier];
        Ok(Self {
            requests: panel.metric("http_requests_total", &[])?,
            hits: panel.metric("roost_cache_hits_total", &answers)?,
            misses: panel.metric("roost_cache_misses_total", &answers)?,
            redis_commands: installation.redis_commands().await,
            ..Self::default()
        })
    }

    fn add(&mut self, before: Self, after: Self) {
        self.requests += after.requests - before.requests;
        self.hits += after.hits - before.hits;
        self.misses += after.misses - before.misses;
        self.redis_commands += after.redis_commands - before.redis_commands;
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "it only puts together what was measured"
)]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn summary(
    endpoint: Endpoint,
    connections: usize,
    local_tier: bool,
    answer_bytes: usize,
    valid: &[(Half, Half)],
    void_pairs: usize,
    counters: &Counters,
    seconds_each: f64,
) -> Compared {
    let ratios: Vec<f64> = valid
        .iter()
        .map(|(panel, bare)| panel.counted.rate() / bare.counted.rate())
        .collect();
    let mean = |of: &dyn Fn(&(Half, Half)) -> f64| {
        valid.iter().map(of).sum::<f64>() / valid.len().max(1) as f64
    };
    let mut latencies = super::latency::Latencies::default();
    for (panel, _) in valid {
        latencies.add(&panel.counted.latencies);
    }
    let halves = || valid.iter().flat_map(|(panel, bare)| [panel, bare]);
    Compared {
        endpoint: endpoint.name(),
        connections,
        local_tier,
        answer_bytes,
        panel_per_second: median(
            valid
                .iter()
                .map(|(panel, _)| panel.counted.rate())
                .collect(),
        ),
        limit_per_second: median(valid.iter().map(|(_, bare)| bare.counted.rate()).collect()),
        ratio: median(ratios.clone()),
        ratios,
        void_pairs,
        failures: halves().map(|half| half.counted.failed).sum(),
        first_failure: halves().find_map(|half| half.counted.first_failure.clone()),
        changes_per_second: counters.changes as f64
            / ((valid.len() + void_pairs) as f64 * seconds_each),
        changes_failed: counters.changes_failed,
        hit_rate: counters.hits / (counters.hits + counters.misses).max(1.0),
        redis_commands_per_request: counters.redis_commands / counters.requests.max(1.0),
        p50_ms: latencies.quantile(0.5).as_secs_f64() * 1e3,
        p99_ms: latencies.quantile(0.99).as_secs_f64() * 1e3,
        server_busy: mean(&|(panel, _)| panel.server_busy()),
        client_busy: mean(&|(panel, _)| panel.client_busy()),
        limit_server_busy: mean(&|(_, bare)| bare.server_busy()),
        limit_client_busy: mean(&|(_, bare)| bare.client_busy()),
    }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (Some(high), 0) => values
            .get(middle - 1)
            .map_or(*high, |low| f64::midpoint(*low, *high)),
        (Some(value), _) => *value,
        (None, _) => 0.0,
    }
}

impl Compared {
    /// A line for people.
    pub(crate) fn line(&self) -> String {
        format!(
            "{:<12} {:>4} connections{}: {:>7.0}/s of {:>7.0}/s = {:.3} (pairs {}; void {}); p50 {:.2} ms, p99 {:.2} ms; \
             hits {:.2} %; Redis {:.3}/request; changes {:.1}/s; failures {}; server {:.0} %, client {:.0} %; limit's {:.0} %, {:.0} %",
            self.endpoint,
            self.connections,
            if self.local_tier {
                ""
            } else {
                ", local tier off"
            },
            self.panel_per_second,
            self.limit_per_second,
            self.ratio,
            self.ratios
                .iter()
                .map(|ratio| format!("{ratio:.2}"))
                .collect::<Vec<_>>()
                .join(" "),
            self.void_pairs,
            self.p50_ms,
            self.p99_ms,
            self.hit_rate * 100.0,
            self.redis_commands_per_request,
            self.changes_per_second,
            self.failures + self.changes_failed,
            self.server_busy * 100.0,
            self.client_busy * 100.0,
            self.limit_server_busy * 100.0,
            self.limit_client_busy * 100.0,
        )
    }

    /// Requests and changes that were not answered with 200.
    pub(crate) fn failed(&self) -> u64 {
        self.failures + self.changes_failed
    }

    /// The first of them.
    pub(crate) fn first_failure(&self) -> Option<&str> {
        self.first_failure.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_few() {
        for (values, expected) in [
            (vec![], 0.0),
            (vec![3.0], 3.0),
            (vec![3.0, 1.0], 2.0),
            (vec![9.0, 1.0, 2.0], 2.0),
        ] {
            assert!((median(values) - expected).abs() < 1e-9);
        }
    }
}
