//! `cargo xtask topology`: three regions on this machine, run and told things through `panel-rig`.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use clap::Subcommand;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::shell::{self, built, command, root};
use crate::stack::{self, Build};

/// Lines of a log that are shown.
const TAIL: usize = 40;

/// What to do with the topology that runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Show every process and relay.
    Status,
    /// Show the end of a process's log, or where the logs are.
    Logs {
        /// Such as `server-a1`.
        name: Option<String>,
    },
    /// End all of it.
    Down,
    /// Let every process go on or start again and open every relay.
    Heal,
    /// End a process at once.
    Kill {
        /// Such as `postgres-primary`.
        name: String,
    },
    /// End a process in order.
    Terminate {
        /// Such as `server-a1`.
        name: String,
    },
    /// Stop a process where it is.
    Hang {
        /// Such as `redis-b`.
        name: String,
    },
    /// Let a process go on that hangs.
    Resume {
        /// Such as `redis-b`.
        name: String,
    },
    /// Start a process again that has ended.
    Start {
        /// Such as `worker-a`.
        name: String,
    },
    /// Change what a relay does: `open`, `cut`, `black-hole`, `trickle`, `delay MS`.
    Relay {
        /// Such as `b-primary`.
        name: String,
        /// What it does from now on.
        #[arg(required = true)]
        change: Vec<String>,
    },
}

/// Where a topology keeps its logs.
pub(crate) fn folder() -> PathBuf {
    root().join(".roost/topology")
}

/// Starts the topology and stays with it, or tells the running one something.
pub(crate) fn run(latency: &[u64], nodes: usize, action: Option<&Action>) -> Outcome {
    let words: Vec<&str> = match action {
        None => return start(latency, nodes),
        Some(Action::Logs { name }) => return logs(name.as_deref()),
        Some(Action::Status) => vec!["status"],
        Some(Action::Down) => vec!["down"],
        Some(Action::Heal) => vec!["heal"],
        Some(Action::Kill { name }) => vec!["kill", name],
        Some(Action::Terminate { name }) => vec!["terminate", name],
        Some(Action::Hang { name }) => vec!["hang", name],
        Some(Action::Resume { name }) => vec!["resume", name],
        Some(Action::Start { name }) => vec!["start", name],
        Some(Action::Relay { name, change }) => {
            let mut words = vec!["relay", name.as_str()];
            words.extend(change.iter().map(String::as_str));
            words
        }
    };
    // Built when the topology was started.
    shell::run(
        command(&built("panel-rig").to_string_lossy())
            .args(["topology", "--folder"])
            .arg(folder())
            .args(words),
    )
}

fn start(latency: &[u64], nodes: usize) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis, Need::Balancer])?;
    stack::build(Build::Rig)?;
    let latency: Vec<String> = latency.iter().map(ToString::to_string).collect();
    let mut rig = command(&built("panel-rig").to_string_lossy());
    rig.args(["topology", "--folder"])
        .arg(folder())
        .args(["--nodes", &nodes.to_string()]);
    if !latency.is_empty() {
        rig.args(["--latency", &latency.join(",")]);
    }
    // In our place, so that nothing stands between its end and that of whoever called us.
    Err(rig.exec().into())
}

fn logs(name: Option<&str>) -> Outcome {
    let folder = folder().join("log");
    let Some(name) = name else {
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        files.sort();
        for file in files {
            println!("{}", file.display());
        }
        return Ok(());
    };
    let file = folder.join(format!("{name}.log"));
    let text = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(TAIL)..] {
        println!("{line}");
    }
    Ok(())
}
