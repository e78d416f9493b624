//! A whole panel on this machine: server, worker and a simulated node, each a process of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::guard::{Guarded, Program};
use crate::http::Client;
use crate::shell::{self, built, cargo, command};

const READY_DEADLINE: Duration = Duration::from_secs(60);

/// What the processes are told.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) database_url: String,
    pub(crate) redis_url: String,
    pub(crate) encryption_key: String,
    pub(crate) ports: Ports,
    /// Gets `server.log`, `worker.log`, `node.log`, and what the node keeps.
    pub(crate) folder: PathBuf,
    /// More of the panel's settings.
    pub(crate) settings: Vec<(String, String)>,
}

/// Where the processes listen, all on the loopback address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) panel: u16,
    pub(crate) server_ops: u16,
    pub(crate) worker_ops: u16,
    pub(crate) node: u16,
    pub(crate) sftp: u16,
}

/// What to build before the programs are run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    /// Only the program that prints the OpenAPI document.
    Document,
    /// Only the three programs: the least work on a fresh machine.
    Programs,
    /// These and the rig that runs many of them.
    Rig,
    /// The same, built for release.
    RigForRelease,
    /// Everything that `cargo test --workspace` needs, the programs among it. Alone they would be built with the features that only they
    /// ask of their dependencies, and so many dependencies twice.
    Everything,
}

/// The three programs and the rig.
const RIG: [&str; 8] = [
    "--package",
    "panel-server",
    "--package",
    "panel-worker",
    "--package",
    "wings-sim",
    "--package",
    "panel-rig",
];

/// Builds what is wanted.
pub(crate) fn build(what: Build) -> Outcome {
    let mut build = cargo();
    build.arg("build");
    match what {
        // Of the whole workspace, so that its dependencies have the features that they have for the tests.
        Build::Document => build.args(["--workspace", "--example", "openapi"]),
        Build::Programs => build.args([
            "--package",
            "panel-server",
            "--package",
            "panel-worker",
            "--package",
            "wings-sim",
        ]),
        Build::Rig => build.args(RIG),
        Build::RigForRelease => build.args(RIG).arg("--release"),
        Build::Everything => build.args(["--workspace", "--all-targets"]),
    };
    shell::run(&mut build)
}

impl Stack {
    /// Where a browser finds the panel.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.panel)
    }

    /// Where the panel and browsers find the simulated node.
    pub(crate) fn node_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.node)
    }

    /// A subcommand of `panel-server`, run to its end by the caller.
    pub(crate) fn panel_server(&self, arguments: &[&str]) -> Command {
        let mut server = command(&built("panel-server").to_string_lossy());
        // As in `start`: a variable or an .env file of ours must not lead it to another database.
        server
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment(self.ports.server_ops))
            .args(arguments);
        server
    }

    /// Makes an account that may do everything.
    pub(crate) fn create_admin(&self, username: &str, password: &str) -> Outcome {
        let email = format!("{username}@example.com");
        let account = [
            "user",
            "create",
            "--admin",
            "--username",
            username,
            "--email",
            &email,
            "--name-first",
            "Demo",
            "--name-last",
            "Admin",
        ];
        let mut create = self
            .panel_server(&account)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut input) = create.stdin.take() {
            // The command reads the password here, because other users of the machine could read an argument.
            writeln!(input, "{password}")?;
        }
        match create.wait()?.success() {
            true => Ok(()),
            false => Err(format!("the account {username} could not be made").into()),
        }
    }

    /// Starts the server and waits until it takes traffic.
    pub(crate) fn start_server(&self) -> Outcome<Guarded> {
        let server = self.start("server", &["panel-server", "serve"], self.ports.server_ops)?;
        ready(server, self.ports.server_ops)
    }

    /// Starts a worker and waits until it is ready.
    pub(crate) fn start_worker(&self) -> Outcome<Guarded> {
        let worker = self.start("worker", &["panel-worker", "run"], self.ports.worker_ops)?;
        ready(worker, self.ports.worker_ops)
    }

    /// Starts the simulated node with a configuration that the panel made.
    pub(crate) fn start_node(&self, config: &Path) -> Outcome<Guarded> {
        let (config, state) = (
            config.to_string_lossy(),
            self.folder.join("node-state.json"),
        );
        // The configuration has the daemon listen everywhere, as a real one must.
        let bind = format!("127.0.0.1:{}", self.ports.node);
        let arguments = [
            "wings-sim",
            "--config",
            &config,
            "--state",
            &state.to_string_lossy(),
            "--bind",
            &bind,
        ];
        self.start("node", &arguments, 0)
    }

    fn start(&self, name: &str, command: &[&str], ops_port: u16) -> Outcome<Guarded> {
        let mut command: Vec<String> = command.iter().map(ToString::to_string).collect();
        command[0] = built(&command[0]).to_string_lossy().into_owned();
        Ok(Guarded::start(&Program {
            command: &command,
            environment: &self.environment(ops_port),
            stop_signal: "TERM",
            log: self.folder.join(format!("{name}.log")),
            directory: None,
            user: None,
        })?)
    }

    fn environment(&self, ops_port: u16) -> Vec<(String, String)> {
        [
            ("DATABASE_URL", self.database_url.clone()),
            ("REDIS_URL", self.redis_url.clone()),
            ("APP_ENCRYPTION_KEY", self.encryption_key.clone()),
            ("APP_URL", self.url()),
            ("BIND", "127.0.0.1".to_owned()),
            ("PORT", self.ports.panel.to_string()),
            ("APP_OPS_PORT", ops_port.to_string()),
            // Nobody balances the load of a private panel.
            ("APP_DRAIN_SECONDS", "0".to_owned()),
            (
                "APP_SPOOL_DIRECTORY",
                self.folder.join("spool").to_string_lossy().into_owned(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .chain(self.settings.iter().cloned())
        .collect()
    }
}

fn ready(mut process: Guarded, ops_port: u16) -> Outcome<Guarded> {
    let deadline = Instant::now() + READY_DEADLINE;
    while Instant::now() < deadline {
        if !process.is_running() {
            return Err(format!("it ended at its start:\n{}", process.log()).into());
        }
        if Client::new(ops_port)
            .send("GET", "/health/ready", None)
            .is_ok_and(|answer| answer.status == 200)
        {
            return Ok(process);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("it was not ready in {READY_DEADLINE:?}:\n{}", process.log()).into())
}
