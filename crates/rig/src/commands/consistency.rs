//! `panel-rig consistency`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use panel_rig::Outcome;
use panel_rig::reads::{self, Plan, Report};
use panel_rig::topology::{Options, Topology};

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Gets the logs and the configuration of all processes.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// How often something is written and read back.
    #[arg(long, default_value_t = 10_000)]
    loops: u64,
    /// Seconds that the replicas are behind.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    lag: u64,
    /// How many write at the same time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(2..=32))]
    writers: u8,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Starts a topology, runs the loops on it, and fails when something was stale or late, or when the primary had to answer too much.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let report = tokio::runtime::Runtime::new()?.block_on(measure(arguments))?;
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&report)?)?;
    }
    let misses = report.misses();
    if misses.is_empty() {
        Ok(())
    } else {
        Err(misses.join("; ").into())
    }
}

async fn measure(arguments: &Arguments) -> Outcome<Report> {
    std::fs::create_dir_all(&arguments.folder)?;
    let mut options = Options::new(&arguments.folder)?;
    options.users = usize::from(arguments.writers);
    options.offload_primary = true;
    let debug = ("APP_DEBUG".to_owned(), "true".to_owned());
    options.environment.push(debug);
    println!("starting three regions");
    let topology = Arc::new(Topology::start(options).await?);
    let plan = Plan {
        loops: arguments.loops,
        lag: Duration::from_secs(arguments.lag),
        writers: usize::from(arguments.writers),
    };
    println!(
        "{} loops by {} writers, replicas {} s behind",
        plan.loops, plan.writers, arguments.lag
    );
    let begun = Instant::now();
    let report = tokio::select! {
        report = reads::run(Arc::clone(&topology), plan) => report?,
        _ = tokio::signal::ctrl_c() => return Err("interrupted".into()),
    };
    print_report(&report, begun.elapsed());
    tokio::task::spawn_blocking(move || drop(topology)).await?;
    Ok(report)
}

fn print_report(report: &Report, took: Duration) {
    println!("\n{:<44} {:>10}", "loops", report.loops);
    println!("{:<44} {:>10.0}", "seconds", took.as_secs_f64());
    println!("{:<44} {:>10}", "readings of own writes", report.own_reads);
    println!("{:<44} {:>10}", "  stale", report.stale_own_reads);
    println!(
        "{:<44} {:>10}",
        "readings after a share was ended", report.revoked_reads
    );
    println!(
        "{:<44} {:>10}",
        "  let in later than 1 s", report.late_revocations
    );
    println!("{:<44} {:>10}", "answers 5xx", report.failed_reads);
    println!(
        "{:<44} {:>9.2}%",
        "bystanders served by replica or cache",
        report.offloaded * 100.0
    );
    for (region, share) in &report.offloaded_by_region {
        println!(
            "  {:<42} {:>9.2}%",
            format!("region {region}"),
            share * 100.0
        );
    }
    for (route, count) in &report.bystander_reads {
        println!("  {route:<42} {count:>10}");
    }
    for example in &report.examples {
        println!("stale: {example}");
    }
}
