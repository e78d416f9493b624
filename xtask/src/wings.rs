//! `cargo xtask wings`: one server's life on two daemons of a flavour, from its creation to its end.
//!
//! Here everything is started: a private panel, its two nodes, Docker where a real daemon needs it. `panel-rig walk` does the rest.

mod daemon;
mod docker;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::Outcome;
use crate::browser::psql;
use crate::guard::Guarded;
use crate::http::Client;
use crate::packages::{self, Need};
use crate::private::free_port;
use crate::services::{Scratch, TemporaryPostgres, TemporaryRedis};
use crate::shell::{self, built, command};
use crate::stack::{self, Build, Ports, Stack};

use daemon::{Daemon, Place};

const USERNAME: &str = "walker";
const PASSWORD: &str = "only for the walk of this run";
/// From the start of a daemon until the panel has heard its answer. A real one makes users, networks and keys at its first start.
const BOOT_DEADLINE: Duration = Duration::from_secs(120);
/// Of each log, after a failure.
const SHOWN_LINES: usize = 40;

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
        packages::ensure(&[Need::Postgres, Need::Redis])?;
        stack::build(Build::Rig)?;
        return walk_all(&flavours, &Daemon::Simulated, arguments.json.as_deref());
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

/// The walk on every simulated daemon.
pub(crate) fn run_simulated(build: Build) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    stack::build(build)?;
    walk_all(&Flavour::ALL, &Daemon::Simulated, None)
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
    let redis = TemporaryRedis::start()?;
    let scratch = Scratch::new("walk", None)?;
    let database = format!("roost_walk_{}", flavour.name().replace('-', "_"));
    let create = format!("CREATE DATABASE {database}");
    shell::run(&mut psql(postgres, "postgres", &create))?;
    let stack = Stack {
        database_url: postgres.url(&database),
        redis_url: redis.url(),
        encryption_key: "only-for-the-walk-of-this-run".to_owned(),
        ports: Ports {
            panel: free_port()?,
            server_ops: free_port()?,
            worker_ops: free_port()?,
            node: free_port()?,
            sftp: free_port()?,
        },
        folder: scratch.0.clone(),
    };
    shell::run(&mut stack.panel_server(&["migrate"]))?;
    stack.create_admin(USERNAME, PASSWORD)?;
    let mut processes = vec![
        ("panel-server", stack.start_server()?),
        ("panel-worker", stack.start_worker()?),
    ];
    let mut panel = Client::new(stack.ports.panel);
    panel.post(
        "/api/auth/login",
        &json!({ "user": USERNAME, "password": PASSWORD }),
    )?;
    let location = panel.post("/api/admin/locations", &json!({ "name": "Here" }))?;
    let location = uuid(&location["location"])?;
    let mut nodes = Vec::new();
    for (name, port, sftp) in [
        ("first-node", stack.ports.node, stack.ports.sftp),
        ("second-node", free_port()?, free_port()?),
    ] {
        let node = make_node(&mut panel, &location, name, port, sftp)?;
        let place = Place::new(&stack.folder, name, port)?;
        let config = shell::output(&mut stack.panel_server(&["node", "config", &node]))?;
        let mut process = daemon.start(flavour, &place, &config)?;
        let booted = wait_for_answer(&mut panel, &node, &mut process);
        processes.push((name, process));
        if let Err(error) = booted {
            print_logs(&processes);
            return Ok((None, Err(error)));
        }
        nodes.push(node);
    }
    let result = stack.folder.join("walk.json");
    let mut rig = command(&built("panel-rig").to_string_lossy());
    rig.args(["walk", "--panel", &stack.url(), "--username", USERNAME])
        .args(["--node", &nodes[0], "--other-node", &nodes[1]])
        .args(["--flavour", flavour.name(), "--image", docker::IMAGE])
        .arg("--json")
        .arg(&result)
        .env("ROOST_WALK_PASSWORD", PASSWORD);
    let done = shell::run(&mut rig);
    if done.is_err() {
        print_logs(&processes);
    }
    let report = std::fs::read_to_string(&result).ok();
    let report = report.map(|text| serde_json::from_str(&text)).transpose()?;
    // All at once, then one after the other.
    for (_, process) in &mut processes {
        process.ask_to_end();
    }
    Ok((report, done))
}

fn make_node(
    panel: &mut Client,
    location: &str,
    name: &str,
    port: u16,
    sftp: u16,
) -> Outcome<String> {
    let node = json!({
        "location_uuid": location, "name": name, "url": format!("http://127.0.0.1:{port}"), "sftp_port": sftp,
        "memory": 8192, "disk": 32768, "deployment_enabled": true, "maintenance_enabled": false,
    });
    uuid(&panel.post("/api/admin/nodes", &node)?["node"])
}

/// Waits until the panel reaches the daemon, and so knows what it can do.
fn wait_for_answer(panel: &mut Client, node: &str, daemon: &mut Guarded) -> Outcome {
    let path = format!("/api/admin/nodes/{node}/status");
    let deadline = Instant::now() + BOOT_DEADLINE;
    let mut last = Value::Null;
    while Instant::now() < deadline {
        if !daemon.is_running() {
            return Err("the daemon ended at its start".into());
        }
        last = panel.get(&path)?;
        let status = last.get("status").unwrap_or(&last);
        if status["reachable"] == true {
            println!(
                "{} {} answers",
                status["flavour"].as_str().unwrap_or("an unknown daemon"),
                status["version"].as_str().unwrap_or_default()
            );
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    Err(format!("the panel does not reach the daemon in {BOOT_DEADLINE:?}: {last}").into())
}

fn print_logs(processes: &[(&str, Guarded)]) {
    for (name, process) in processes {
        let log = process.log();
        let lines: Vec<&str> = log.lines().collect();
        eprintln!(
            "--- the end of the log of {name}\n{}",
            lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
        );
    }
}

fn uuid(entry: &Value) -> Outcome<String> {
    let uuid = entry["uuid"].as_str().map(str::to_owned);
    uuid.ok_or_else(|| format!("no uuid in {entry}").into())
}
