//! `panel-server migrate`.

use panel_bootstrap::config::ConfigArgs;
use panel_bootstrap::{operator, telemetry};

use super::begin;
use crate::output::{self, Outcome};

/// Which way to migrate.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only list what is not applied yet
    #[arg(long, conflicts_with = "down")]
    pending: bool,
    /// Take back so many migrations, latest first; what they added is lost
    #[arg(long, value_name = "STEPS")]
    down: Option<usize>,
}

/// Migrates, or tells what is missing.
pub(crate) fn run(config: &ConfigArgs, args: &Args) -> Outcome {
    let (config, runtime) = begin(config)?;
    telemetry::warnings()?;
    let (done, nothing, names) = runtime.block_on(async {
        if args.pending {
            let names = operator::pending_migrations(&config).await?;
            return Ok::<_, operator::Error>(("Not applied yet", "Everything is applied", names));
        }
        match args.down {
            Some(steps) => {
                let names = operator::revert_migrations(&config, steps).await?;
                Ok(("Taken back", "There is nothing to take back", names))
            }
            None => {
                let names = operator::migrate(&config).await?;
                Ok(("Applied", "Everything was applied already", names))
            }
        }
    })?;
    if names.is_empty() {
        output::line(nothing)?;
    }
    for name in names {
        output::line(&format!("{done}: {name}"))?;
    }
    Ok(())
}
