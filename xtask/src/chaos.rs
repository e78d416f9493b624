//! `cargo xtask chaos`: breaks every part of a working topology in turn, through `panel-rig`.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use clap::Args;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::shell::{built, command, root};
use crate::stack::{self, Build};

/// Passed on as they are; `panel-rig chaos --help` knows more.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How long faults are injected.
    #[arg(long, default_value_t = 2)]
    minutes: u64,
    /// Decides the order of the faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Switch one rule off: `lost-write`, `stale-read`, `double-effect` or `late-revocation`. The run must then fail.
    #[arg(long, value_name = "RULE")]
    sabotage: Option<String>,
}

/// Runs it in our place.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis, Need::Balancer])?;
    stack::build(Build::Rig)?;
    let mut rig = command(&built("panel-rig").to_string_lossy());
    rig.args(["chaos", "--folder"])
        .arg(root().join(".roost/chaos"))
        .args(["--minutes", &arguments.minutes.to_string()])
        .args(["--seed", &arguments.seed.to_string()]);
    if let Some(file) = &arguments.json {
        rig.arg("--json").arg(std::path::absolute(file)?);
    }
    if let Some(rule) = &arguments.sabotage {
        rig.args(["--sabotage", rule]);
    }
    Err(rig.exec().into())
}
