//! The commands, a file each.

pub(crate) mod doctor;
pub(crate) mod migrate;
pub(crate) mod node;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod user;

use panel_bootstrap::config::{Config, ConfigArgs, Process};
use tokio::runtime::Runtime;

use crate::output::Failed;

/// What a command that asks the services starts with.
///
/// # Errors
///
/// The configuration has problems, or the machine no threads to give.
fn begin(args: &ConfigArgs) -> Result<(Config, Runtime), Failed> {
    let config = Config::load(Process::Server, args)?;
    Ok((config, Runtime::new()?))
}
