//! `cargo xtask proxy`: what passing large files on takes of the panel's memory, measured by `panel-rig`.

use std::path::PathBuf;

use clap::Args;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::services::TemporaryPostgres;
use crate::shell;
use crate::stack::{self, Build};
use crate::wings::{Daemon, Flavour, World};

/// What to pass on.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Which daemon is played.
    #[arg(long, value_enum, default_value = "pterodactyl")]
    flavour: Flavour,
    /// Bytes of the file, which goes each way once.
    #[arg(long, default_value_t = 2_147_483_648)]
    size: u64,
    /// Bytes a second of the slower side at first: of the browser when it downloads, of the node when something is uploaded.
    #[arg(long, default_value_t = 2_000_000)]
    rate: u64,
    /// For how many seconds it is slow.
    #[arg(long, default_value_t = 60)]
    slow_seconds: u64,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures on a panel of its own.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    stack::build(Build::Rig)?;
    let (rate, seconds) = (
        arguments.rate.to_string(),
        arguments.slow_seconds.to_string(),
    );
    let slow = ["--slow-rate", &rate, "--slow-seconds", &seconds];
    let daemon = Daemon::Simulated(slow.map(str::to_owned).to_vec());
    let postgres = TemporaryPostgres::start()?;
    let settings = [("APP_ENABLE_WINGS_PROXY", "true")];
    let world = World::start(arguments.flavour, &daemon, &postgres, &settings)?;
    let panel = world.panel_pid().ok_or("the panel does not run")?;
    let mut rig = world.rig("proxy");
    rig.args(["--pid", &panel.to_string()])
        .args(["--size", &arguments.size.to_string()])
        .args(["--rate", &rate, "--slow-seconds", &seconds]);
    if let Some(json) = &arguments.json {
        rig.arg("--json").arg(std::path::absolute(json)?);
    }
    let done = shell::run(&mut rig);
    if done.is_err() {
        world.print_logs();
    }
    done
}
