//! The project's own commands: `cargo xtask <command>`. They call cargo, npm and the servers' programs; the product's code is
//! not linked in, so this builds in seconds and works while the workspace does not compile.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod browser;
mod chaos;
mod ci;
mod consistency;
mod contract;
mod generate;
#[path = "../../crates/test-db/src/guard.rs"]
#[expect(dead_code, reason = "hanging a server is for tests and the rig")]
mod guard;
mod http;
mod layers;
mod packages;
#[path = "../../crates/test-db/src/private.rs"]
mod private;
mod proxy;
mod schema;
mod services;
mod shell;
mod stack;
mod test;
mod topology;
mod up;
mod web;
mod wings;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a command gives: nothing, or the sentence that says what to do.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the whole panel on this machine, with a simulated node and a demo server.
    Up {
        /// Forget what an earlier `up` kept.
        #[arg(long)]
        reset: bool,
        /// The panel's port; remembered.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Run every test: the workspace's, then the browser's.
    Test {
        /// For `cargo test` instead of `--workspace`; the browser is then left out.
        #[arg(last = true)]
        cargo_arguments: Vec<String>,
    },
    /// Run the browser's tests alone, against a panel that starts from an empty database.
    Browser,
    /// Run everything a change must pass, in order, and print the minutes of each step.
    Ci,
    /// Check the workspace's dependencies against the table of layers.
    Layers,
    /// Migrate an empty database up, down and up and write the tables as diesel sees them.
    Schema {
        /// Compare with the committed file instead of writing it.
        #[arg(long)]
        check: bool,
    },
    /// Write the OpenAPI document and the web client that is generated from it.
    Generate {
        /// Compare with the committed files instead of writing them.
        #[arg(long)]
        check: bool,
    },
    /// Build the web UI.
    Web {
        /// Also check the size of what was built.
        #[arg(long)]
        budget: bool,
    },
    /// Measure how quick the panel is, next to what this machine could do.
    Bench {
        /// Fail when a bound is missed.
        #[arg(long)]
        check: bool,
        /// Also write the result as JSON.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Fewer and shorter measurements, for comparing while working.
        #[arg(long)]
        quick: bool,
        /// For the rig, such as `--only limit --endpoints settings`.
        #[arg(last = true)]
        rig_arguments: Vec<String>,
    },
    /// Measure which operations of a contract the tests have seen answered as it says.
    Contract {
        /// The contract: an OpenAPI document.
        #[arg(long, value_name = "FILE")]
        against: PathBuf,
        /// Also write the result as JSON.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Break every part of three working regions in turn, and fail when a promise was broken.
    Chaos(chaos::Arguments),
    /// Walk one server through its life on two daemons of a flavour, real or simulated, and print what each step took.
    Wings(wings::Arguments),
    /// Pass a large file through the panel, both ways, while one side is slow, and fail when the panel's memory grows by 32 MiB.
    Proxy(proxy::Arguments),
    /// Write and read back in three regions whose replicas lag: nobody may miss their own write, and nobody who was shut out gets in.
    Consistency {
        /// How often something is written and read back.
        #[arg(long, default_value_t = 10_000)]
        loops: u64,
        /// How far the replicas are behind, such as `5s`.
        #[arg(long, default_value = "5s")]
        lag: String,
        /// With programs that are built for release: that takes longer, and the loops a third of the time.
        #[arg(long)]
        release: bool,
        /// Also write the result as JSON.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// Run three regions on this machine, or do something with those that run.
    Topology {
        /// Milliseconds of a round trip between region a and regions b and c, such as `80,160`; one number is for both.
        #[arg(long, value_name = "MS", value_delimiter = ',', num_args = 1)]
        latency: Vec<u64>,
        /// How many simulated nodes.
        #[arg(long, default_value_t = 3)]
        nodes: usize,
        #[command(subcommand)]
        action: Option<topology::Action>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Up { reset, port } => up::run(reset, port),
        Command::Test { cargo_arguments } => test::run(&cargo_arguments),
        Command::Browser => test::run_browser(),
        Command::Ci => ci::run(),
        Command::Layers => layers::run(),
        Command::Schema { check } => schema::run(check),
        Command::Generate { check } => generate::run(check, stack::Build::Document),
        Command::Web { budget } => web::run(budget),
        Command::Bench {
            check,
            json,
            quick,
            rig_arguments,
        } => bench::run(&bench::Wanted {
            check,
            quick,
            json: json.as_deref(),
            more: &rig_arguments,
        }),
        Command::Contract { against, json } => contract::run(&against, json.as_deref()),
        Command::Chaos(arguments) => chaos::run(&arguments),
        Command::Wings(arguments) => wings::run(&arguments),
        Command::Proxy(arguments) => proxy::run(&arguments),
        Command::Consistency {
            loops,
            lag,
            release,
            json,
        } => consistency::run(loops, &lag, release, json.as_deref()),
        Command::Topology {
            latency,
            nodes,
            action,
        } => topology::run(&latency, nodes, action.as_ref()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
