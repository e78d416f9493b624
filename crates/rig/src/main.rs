//! Tools that judge a running panel from outside. `cargo xtask` builds and calls them.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod commands;
mod contract;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The panel's: what it is compared with must have the same.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Tools that judge a running panel from outside.
#[derive(Debug, Parser)]
#[command(name = "panel-rig")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure a panel next to what the machine could do.
    Bench(bench::Arguments),
    /// Answer fixed bytes: what the bench compares with.
    Bare(bench::BareArguments),
    /// Count the operations of a contract that recorded answers fulfil.
    Contract {
        /// The contract: an OpenAPI 3.1 document.
        #[arg(long, value_name = "FILE")]
        against: PathBuf,
        /// The folder of the recorded exchanges, one JSON object per line in files `*.jsonl`.
        #[arg(long, value_name = "FOLDER")]
        traffic: PathBuf,
        /// Also write the result as JSON.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Write and read back in three regions whose replicas lag.
    Consistency(commands::consistency::Arguments),
    /// Run three regions on this machine, or tell the running ones something.
    Topology(commands::topology::Arguments),
    /// Break every part of a working topology in turn and judge what came of it.
    Chaos(commands::chaos::Arguments),
    /// Take one server through its life on the daemons of a panel.
    Walk(commands::walk::Arguments),
    /// Pass a large file through a panel, both ways, and measure the panel's memory.
    Proxy(commands::proxy::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(arguments).map_err(|error| error.to_string()),
        Command::Bare(arguments) => bench::bare(&arguments).map_err(|error| error.to_string()),
        Command::Contract {
            against,
            traffic,
            json,
        } => contract::run(&against, &traffic, json.as_deref()),
        Command::Consistency(arguments) => {
            commands::consistency::run(&arguments).map_err(|error| error.to_string())
        }
        Command::Topology(arguments) => {
            commands::topology::run(&arguments).map_err(|error| error.to_string())
        }
        Command::Chaos(arguments) => {
            commands::chaos::run(&arguments).map_err(|error| error.to_string())
        }
        Command::Walk(arguments) => {
            commands::walk::run(&arguments).map_err(|error| error.to_string())
        }
        Command::Proxy(arguments) => {
            commands::proxy::run(&arguments).map_err(|error| error.to_string())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
