//! `cargo xtask wings`: one server's life on two daemons of a flavour, from its creation to its end.
//!
//! Here everything is started: a private panel, its two nodes, Docker where a real daemon needs it. `panel-rig walk` does the rest.

mod daemon;
mod docker;
mod world;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::services::{Scratch, TemporaryPostgres};
use crate::shell;
use crate::stack::{self, Build};

pub(crate) use daemon::Daemon;
pub(crate) use world::World;

/// Which daemon to walk on.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The daemon's program.
    #[arg(
        long,
        value_name = "PATH",
        required_unless_present = "simulated",
        requires = "flavour"
    )]
    binary: Option<PathBuf>,
    /// Which daemon it is. Without it the simulator plays all of them in turn.
    #[arg(long, value_enum)]
    flavour: Option<Flavour>,
    /// Let the simulator stand in for the daemon.
    #[arg(long, conflicts_with = "binary")]
    simulated: bool,
    /// Also write the results as JSON, a list of reports.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// The daemons that a panel can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Flavour {
    Pterodactyl,
    Pelican,
    Calagopus,
    CalagopusNext,
}

impl Flavour {
    const ALL: [Self; 4] = [
        Self::Pterodactyl,
        Self::Pelican,
        Self::Calagopus,
        Self::CalagopusNext,
    ];

    /// As the simulator's option has it.
    const fn name(self) -> &'static str {
        match self {
            Self::Pterodactyl => "pterodactyl",
            Self::Pelican => "pelican",
            Self::Calagopus => "calagopus",
            Self::CalagopusNext => "calagopus-next",
        }
    }
}

/// `cargo xtask wings`.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let Some(binary) = &arguments.binary else {
        let flavours = arguments
            .flavour
            .map_or_else(|| Flavour::ALL.to_vec(), |flavour| vec![flavour]);
        return run_simulated(&flavours, arguments.json.as_deref());
    };
    let flavour = arguments.flavour.ok_or("say the daemon's --flavour")?;
    let binary = std::path::absolute(binary)?;
    if !binary.is_file() {
        return Err(format!("there is no program at {}", binary.display()).into());
    }
    if flavour == Flavour::CalagopusNext {
        println!("a Calagopus from 1.0 on is known from its client only: expect differences");
    }
    packages::ensure(&[Need::Postgres, Need::Redis, Need::Docker, Need::Busybox])?;
    stack::build(Build::Rig)?;
    let scratch = Scratch::new("docker", None)?;
    let _docker = docker::provide(&scratch.0)?;
    docker::import_image(&scratch.0)?;
    walk_all(&[flavour], &Daemon::Real(binary), arguments.json.as_deref())
}

fn run_simulated(flavours: &[Flavour], json: Option<&Path>) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    // What the tests need as well: nothing is built twice.
    stack::build(Build::Everything)?;
    walk_all(flavours, &Daemon::simulated(), json)
}

/// Walks on each in turn, also after one that failed.
fn walk_all(flavours: &[Flavour], daemon: &Daemon, json: Option<&Path>) -> Outcome {
    let postgres = TemporaryPostgres::start()?;
    let mut reports = Vec::new();
    let mut failed = Vec::new();
    for flavour in flavours {
        println!("\n==> {}", flavour.name());
        let (report, done) = walk(*flavour, daemon, &postgres)?;
        reports.extend(report);
        if let Err(error) = done {
            eprintln!("error: {error}");
            failed.push(flavour.name());
        }
    }
    if let Some(file) = json {
        std::fs::write(file, serde_json::to_string_pretty(&reports)? + "\n")
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("the walk did not pass on {}", failed.join(", ")).into())
    }
}

/// One walk on a panel of its own: the report, if it came to that, and whether all of it passed.
fn walk(
    flavour: Flavour,
    daemon: &Daemon,
    postgres: &TemporaryPostgres,
) -> Outcome<(Option<Value>, Outcome)> {
    let world = match World::start(flavour, daemon, postgres, &[]) {
        Ok(world) => world,
        Err(error) => return Ok((None, Err(error))),
    };
    let result = world.folder().join("walk.json");
    let done = shell::run(world.rig("walk").arg("--json").arg(&result));
    if done.is_err() {
        world.print_logs();
    }
    let report = std::fs::read_to_string(&result).ok();
    let report = report.map(|text| serde_json::from_str(&text)).transpose()?;
    Ok((report, done))
}
