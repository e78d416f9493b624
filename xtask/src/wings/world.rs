//! A panel of its own with two nodes, whose daemons run.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::daemon::{Daemon, Place};
use super::{Flavour, docker};
use crate::Outcome;
use crate::browser::psql;
use crate::guard::Guarded;
use crate::http::Client;
use crate::private::free_port;
use crate::services::{Scratch, TemporaryPostgres, TemporaryRedis};
use crate::shell::{self, built, command};
use crate::stack::{Ports, Stack};

const USERNAME: &str = "walker";
const PASSWORD: &str = "only for the walk of this run";
/// From the start of a daemon until the panel has heard its answer. A real one makes users, networks and keys at its first start.
const BOOT_DEADLINE: Duration = Duration::from_secs(120);
/// Of each log, after a failure.
const SHOWN_LINES: usize = 40;

/// What runs. The fields end in their order.
#[derive(Debug)]
pub(crate) struct World {
    processes: Vec<(&'static str, Guarded)>,
    /// Their ids in the panel.
    nodes: Vec<String>,
    flavour: Flavour,
    stack: Stack,
    _redis: TemporaryRedis,
    _scratch: Scratch,
}

impl World {
    /// Starts all of it and waits until the panel reaches both daemons. The logs are printed when it does not.
    pub(crate) fn start(
        flavour: Flavour,
        daemon: &Daemon,
        postgres: &TemporaryPostgres,
        settings: &[(&str, &str)],
    ) -> Outcome<Self> {
        let redis = TemporaryRedis::start()?;
        let scratch = Scratch::new("walk", None)?;
        let database = format!("roost_walk_{}", flavour.name().replace('-', "_"));
        let create = format!("CREATE DATABASE {database}");
        shell::run(&mut psql(postgres, "postgres", &create))?;
        let settings = settings.iter();
        let stack = Stack {
            database_url: postgres.url(&database),
            redis_url: redis.url(),
            encryption_key: "only-for-the-walk-of-this-run-and-no-other".to_owned(),
            ports: Ports {
                panel: free_port()?,
                server_ops: free_port()?,
                worker_ops: free_port()?,
                node: free_port()?,
                sftp: free_port()?,
            },
            folder: scratch.0.clone(),
            settings: settings
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let mut world = Self {
            processes: Vec::new(),
            nodes: Vec::new(),
            flavour,
            stack,
            _redis: redis,
            _scratch: scratch,
        };
        if let Err(error) = world.run(daemon) {
            world.print_logs();
            return Err(error);
        }
        Ok(world)
    }

    fn run(&mut self, daemon: &Daemon) -> Outcome {
        shell::run(&mut self.stack.panel_server(&["migrate"]))?;
        self.stack.create_admin(USERNAME, PASSWORD)?;
        let server = self.stack.start_server()?;
        self.processes.push(("panel-server", server));
        let worker = self.stack.start_worker()?;
        self.processes.push(("panel-worker", worker));
        let mut panel = Client::new(self.stack.ports.panel);
        panel.post(
            "/api/auth/login",
            &json!({ "user": USERNAME, "password": PASSWORD }),
        )?;
        let location = panel.post("/api/admin/locations", &json!({ "name": "Here" }))?;
        let location = uuid(&location["location"])?;
        for (name, port, sftp) in [
            ("first-node", self.stack.ports.node, self.stack.ports.sftp),
            ("second-node", free_port()?, free_port()?),
        ] {
            let body = json!({
                "location_uuid": location, "name": name, "url": format!("http://127.0.0.1:{port}"), "sftp_port": sftp,
                "memory": 8192, "disk": 32768, "deployment_enabled": true, "maintenance_enabled": false,
            });
            let node = uuid(&panel.post("/api/admin/nodes", &body)?["node"])?;
            let place = Place::new(&self.stack.folder, name, port)?;
            let config = shell::output(&mut self.stack.panel_server(&["node", "config", &node]))?;
            let process = daemon.start(self.flavour, &place, &config)?;
            self.processes.push((name, process));
            if let Some((_, process)) = self.processes.last_mut() {
                wait_for_answer(&mut panel, &node, process)?;
            }
            self.nodes.push(node);
        }
        Ok(())
    }

    /// A command of the rig on this panel.
    pub(crate) fn rig(&self, subcommand: &str) -> Command {
        let mut rig = command(&built("panel-rig").to_string_lossy());
        rig.args([subcommand, "--panel", &self.stack.url()])
            .args(["--username", USERNAME])
            .args(["--flavour", self.flavour.name(), "--image", docker::IMAGE])
            .env("ROOST_WALK_PASSWORD", PASSWORD);
        for (option, node) in ["--node", "--other-node"].iter().zip(&self.nodes) {
            rig.args([option, node.as_str()]);
        }
        rig
    }

    /// Gone at the end.
    pub(crate) fn folder(&self) -> &Path {
        &self.stack.folder
    }

    /// The number of `panel-server`'s process.
    pub(crate) fn panel_pid(&self) -> Option<u32> {
        let found = self
            .processes
            .iter()
            .find(|(name, _)| *name == "panel-server");
        found.map(|(_, process)| process.pid())
    }

    pub(crate) fn print_logs(&self) {
        for (name, process) in &self.processes {
            let log = process.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!(
                "--- the end of the log of {name}\n{}",
                lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
            );
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // All at once, then one after the other.
        for (_, process) in &mut self.processes {
            process.ask_to_end();
        }
    }
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
        if last["reachable"] == true {
            println!(
                "{} {} answers",
                last["flavour"].as_str().unwrap_or("an unknown daemon"),
                last["version"].as_str().unwrap_or_default()
            );
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    Err(format!("the panel does not reach the daemon in {BOOT_DEADLINE:?}: {last}").into())
}

fn uuid(entry: &Value) -> Outcome<String> {
    let uuid = entry["uuid"].as_str().map(str::to_owned);
    uuid.ok_or_else(|| format!("no uuid in {entry}").into())
}
