//! `panel-server node`.

use std::io::{self, Write as _};

use panel_bootstrap::config::ConfigArgs;
use panel_bootstrap::operator;

use super::begin;
use crate::output::Outcome;

/// What to do with nodes.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Print the configuration file of a node's daemon, with its token: a secret
    Config {
        /// The node's id
        node: String,
    },
}

/// Does it.
pub(crate) fn run(config: &ConfigArgs, command: Command) -> Outcome {
    let Command::Config { node } = command;
    let (config, runtime) = begin(config)?;
    let yaml = runtime.block_on(operator::node_configuration(&config, &node))?;
    io::stdout().write_all(yaml.as_bytes())?;
    Ok(())
}
