//! `panel-worker`: does what a request does not wait for. Any number may run; one works, the others stand by.

mod run;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use panel_bootstrap::config::{Config, ConfigArgs, Process};
use panel_bootstrap::operator;

/// Gives memory back that a burst of work took.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The Roost panel's background work
#[derive(Debug, Parser)]
#[command(name = "panel-worker", version)]
struct Cli {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Work, or stand by, until told to stop
    Run,
    /// Tell what waits in the queue and which worker leads
    Status,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell it to when nobody reads the errors either.
            writeln!(io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), Box<dyn Error + Send + Sync>> {
    let config = Config::load(Process::Worker, &cli.config)?;
    match cli.command {
        Command::Run => run::run(&config),
        Command::Status => {
            let status =
                tokio::runtime::Runtime::new()?.block_on(operator::worker_status(&config))?;
            writeln!(io::stdout(), "{status}")?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_makes_sense() {
        super::Cli::command().debug_assert();
    }
}
