//! `panel-rig proxy`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use panel_rig::Outcome;
use panel_rig::proxy::{self, Plan};

use super::walk::Place;

/// What to pass on, and whose memory is measured.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The panel's process.
    #[arg(long)]
    pid: u32,
    /// Bytes of the file, which goes each way once.
    #[arg(long, default_value_t = 2_147_483_648, value_parser = clap::value_parser!(u64).range(1..))]
    size: u64,
    /// Bytes a second of the slower side at first.
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    rate: u64,
    /// For how many seconds it is slow.
    #[arg(long, default_value_t = 60)]
    slow_seconds: u64,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures, prints, and fails when the panel's memory grew too much.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let plan = Plan {
        place: arguments.place.plan(),
        pid: arguments.pid,
        size: arguments.size,
        rate: arguments.rate,
        slow: Duration::from_secs(arguments.slow_seconds),
    };
    let report =
        tokio::runtime::Runtime::new()?.block_on(proxy::run(&plan, |line| println!("{line}")))?;
    print!("{report}");
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    if report.is_within_bound() {
        Ok(())
    } else {
        Err(format!(
            "the panel's memory grew by {:.1} MiB; it must be less than {} MiB",
            report.growth_mib, report.bound_mib
        )
        .into())
    }
}
