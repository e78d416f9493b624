//! `panel-rig growth`.

use std::path::PathBuf;

use clap::Args;
use panel_rig::{Outcome, growth};

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The `panel-server` to measure, built for release.
    #[arg(long, value_name = "FILE")]
    server: PathBuf,
    /// Numbers of servers, rising; there are a hundred entries of logs for each.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_values_t = [100, 10_000, 100_000])]
    sizes: Vec<i64>,
    /// Requests for each kind of list.
    #[arg(long, default_value_t = 1_000)]
    requests: usize,
    /// Fail when an answer at the last size is too slow.
    #[arg(long)]
    check: bool,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures how answers slow down as an installation grows.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let measured = growth::run(
        &arguments.server,
        &arguments.sizes,
        arguments.requests,
        |line| println!("{line}"),
    );
    let growth = runtime.block_on(measured)?;
    if let Some(file) = &arguments.json {
        let report = serde_json::json!({ "growth": growth });
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)?;
    }
    let missed = growth.missed();
    for miss in &missed {
        println!("missed: {miss}");
    }
    if arguments.check && !missed.is_empty() {
        return Err(format!("{} bounds were missed", missed.len()).into());
    }
    Ok(())
}
