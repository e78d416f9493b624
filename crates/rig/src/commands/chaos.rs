//! `panel-rig chaos`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use panel_rig::chaos::{self, Options, Sabotage};
use panel_rig::{Outcome, topology};
use tokio::signal::unix::{SignalKind, signal};

/// How long, in which order, and what is switched off.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Gets the logs, and `history.jsonl` with every request and its answer.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// How long faults are injected.
    #[arg(long, default_value_t = 2)]
    minutes: u64,
    /// Decides the order of the faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Switch one rule off, which a debug build allows: the run must then end with an error.
    #[arg(long, value_name = "RULE")]
    sabotage: Option<Sabotage>,
}

/// Fails when a promise was broken.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut topology = topology::Options::new(&arguments.folder)?;
    // Far enough that a round trip is not for nothing, near enough that debug builds on a small machine keep up.
    topology.round_trips = [Duration::from_millis(10), Duration::from_millis(20)];
    let options = Options {
        topology,
        time: Duration::from_secs(arguments.minutes * 60),
        seed: arguments.seed,
        sabotage: arguments.sabotage,
        tell: |line| println!("{line}"),
    };
    let report = runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            report = chaos::run(options) => report,
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
            _ = terminated.recv() => Err("interrupted".into()),
        }
    })?;
    print!("{report}");
    if let Some(file) = &arguments.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, text + "\n")?;
    }
    if report.is_good() {
        Ok(())
    } else {
        Err("a promise was broken".into())
    }
}
