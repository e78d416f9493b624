//! How quick the panel is, next to how quick it could be on the same machine.
//!
//! One core belongs to the server under test, the other to everything else: the load generator, the changes made meanwhile,
//! PostgreSQL and Redis. What a server reaches is compared with what a handler of actix-web reaches that answers the same
//! bytes and does nothing else, so that a figure says something on any machine.

mod bare;
mod changes;
mod client;
mod cores;
mod data;
mod http;
mod latency;
mod memory;
mod pairs;
mod panel;
mod process;
mod rates;
mod report;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use data::Size;
use pairs::{CLIENT_CORE, Endpoint, Plan};
use panel::{Installation, Programs};
use panel_rig::growth::{self, Growth};
use report::Report;

/// What a step gives, or why it could not be done.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The `panel-server` to measure, built for release.
    #[arg(long, value_name = "FILE")]
    server: PathBuf,
    /// The `panel-worker` to measure, built for release.
    #[arg(long, value_name = "FILE")]
    worker: PathBuf,
    /// Fail when a bound is missed.
    #[arg(long)]
    check: bool,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Three short pairs instead of seven, and short rests: for comparing while working, not for figures.
    #[arg(long)]
    quick: bool,
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Only these endpoints.
    #[arg(long, value_delimiter = ',')]
    endpoints: Vec<String>,
    /// Numbers of connections.
    #[arg(long, value_delimiter = ',', default_values_t = [64, 384])]
    connections: Vec<usize>,
    /// Numbers of servers of the large installations, rising; there are a hundred entries of logs for each.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_values_t = [100, 10_000, 100_000])]
    sizes: Vec<i64>,
    /// Requests for each kind of list of a large installation.
    #[arg(long, default_value_t = 1_000)]
    requests: usize,
}

impl Arguments {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Cached answers against the limit.
    Limit,
    /// The same without the cache inside the process.
    Redis,
    /// Large installations, nothing cached.
    Growth,
    /// Sign-ins, callbacks and jobs per second.
    Rates,
    /// Memory, start-up time, size.
    Memory,
}

/// The bare handler, as a program of its own.
#[derive(Debug, Args)]
pub(crate) struct BareArguments {
    /// Where it listens.
    #[arg(long)]
    address: SocketAddr,
    /// What it answers, as the bench has written it.
    #[arg(long, value_name = "FILE")]
    answers: PathBuf,
}

/// `panel-rig bare`.
///
/// # Errors
/// As [`bare::serve`].
pub(crate) fn bare(arguments: &BareArguments) -> Outcome {
    bare::serve(arguments.address, &arguments.answers)
}

/// `panel-rig bench`.
///
/// # Errors
/// Something cannot be measured, or with `--check` a bound is missed.
pub(crate) fn run(arguments: Arguments) -> Outcome {
    // Each answer is waited for alone there: no core has to be kept free of the other's work.
    let growth = if arguments.wants(Part::Growth) {
        Some(measure_growth(&arguments)?)
    } else {
        None
    };
    process::keep_to(CLIENT_CORE)?;
    client::sleep_precisely()?;
    // Started on this thread, whose end would be theirs.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut report = runtime.block_on(measure(&arguments))?;
    report.growth = growth;
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)?;
    }
    let missed = report.missed();
    for miss in &missed {
        println!("missed: {miss}");
    }
    if arguments.check && !missed.is_empty() {
        return Err(format!("{} bounds were missed", missed.len()).into());
    }
    Ok(())
}

fn measure_growth(arguments: &Arguments) -> Outcome<Growth> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let server = std::path::absolute(&arguments.server)?;
    let measured = growth::run(&server, &arguments.sizes, arguments.requests, |line| {
        println!("{line}");
    });
    runtime
        .block_on(measured)
        .map_err(|error| error.to_string().into())
}

async fn measure(arguments: &Arguments) -> Outcome<Report> {
    let wanted = |part| arguments.wants(part);
    if ![Part::Limit, Part::Redis, Part::Rates, Part::Memory]
        .into_iter()
        .any(wanted)
    {
        return Ok(Report::default());
    }
    let programs = Programs {
        server: std::path::absolute(&arguments.server)?,
        worker: std::path::absolute(&arguments.worker)?,
    };
    let plan = if arguments.quick {
        Plan {
            pairs: 3,
            time: Duration::from_millis(1500),
            warm_up: Duration::from_secs(2),
        }
    } else {
        Plan {
            pairs: 7,
            time: Duration::from_secs(3),
            // Everybody has been answered once by then.
            warm_up: Duration::from_secs(2),
        }
    };
    let mut report = Report::default();
    let size = Size {
        users: 1000,
        servers_each: 10,
    };
    let installation = Installation::create(programs.clone(), size).await?;
    for (part, local_tier) in [(Part::Limit, true), (Part::Redis, false)] {
        if !wanted(part) {
            continue;
        }
        for endpoint in Endpoint::ALL {
            if !arguments.endpoints.is_empty()
                && !arguments
                    .endpoints
                    .iter()
                    .any(|name| name == endpoint.name())
            {
                continue;
            }
            for connections in &arguments.connections {
                let compared =
                    pairs::compare(&installation, endpoint, *connections, local_tier, plan).await?;
                println!("{}", compared.line());
                if let Some(failure) = compared.first_failure() {
                    println!("  first failure: {failure}");
                }
                report.add(endpoint, local_tier, compared);
            }
        }
    }
    if wanted(Part::Memory) {
        let wait = Duration::from_secs(if arguments.quick { 10 } else { 60 });
        let memory = memory::run(&installation, wait)?;
        println!("{}", memory.line());
        report.memory_mib = Some(memory);
    }
    if wanted(Part::Rates) {
        let time = Duration::from_secs(if arguments.quick { 3 } else { 10 });
        let rates = rates::run(&installation, time).await?;
        println!("{}", rates.line());
        report.per_second = Some(rates);
    }
    Ok(report)
}
