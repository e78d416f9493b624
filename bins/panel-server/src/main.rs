//! `panel-server`: answers the API and the web pages, and has the commands of an operator.

mod commands;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use panel_bootstrap::config::ConfigArgs;

use crate::commands::{doctor, migrate, node, openapi, serve, settings, user};

/// Gives memory back that a burst of requests or a password's hash took.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The Roost panel: API, web pages and the operator's commands
#[derive(Debug, Parser)]
#[command(name = "panel-server", version)]
struct Cli {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests until told to stop
    Serve,
    /// Apply the database's migrations
    Migrate(migrate::Args),
    /// Manage accounts
    #[command(subcommand)]
    User(user::Command),
    /// Manage nodes
    #[command(subcommand)]
    Node(node::Command),
    /// Print the OpenAPI document
    Openapi,
    /// Print the documentation of every setting, as Markdown
    Settings,
    /// Check every setting against the running services
    Doctor,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Serve => serve::run(&cli.config),
        Command::Migrate(args) => migrate::run(&cli.config, &args),
        Command::User(command) => user::run(&cli.config, command),
        Command::Node(command) => node::run(&cli.config, command),
        Command::Openapi => openapi::run(),
        Command::Settings => settings::run(),
        Command::Doctor => doctor::run(&cli.config),
    };
    output::exit_code(result)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_makes_sense() {
        super::Cli::command().debug_assert();
    }
}
