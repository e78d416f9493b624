//! The server under test, on its own database and Redis.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use panel_test_db::{TestPostgres, TestRedis};

use super::Outcome;
use super::data::{self, Node, Person, Size};
use super::http;
use super::process::{Process, Start, free_address};

const ENCRYPTION_KEY: &str = "an-encryption-key-of-the-bench-and-nothing-else";

/// The programs that are measured.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// `panel-server`.
    pub(crate) server: PathBuf,
    /// `panel-worker`.
    pub(crate) worker: PathBuf,
}

/// A database with people in it, a Redis, and a folder for logs.
pub(crate) struct Installation {
    pub(crate) programs: Programs,
    pub(crate) people: Arc<Vec<Person>>,
    /// In the order of their names.
    pub(crate) nodes: Vec<Node>,
    /// Removed on drop.
    pub(crate) folder: tempfile::TempDir,
    database_url: String,
    redis: TestRedis,
    _postgres: TestPostgres,
}

/// What one server is told besides where its database is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Setting {
    /// The only core it may use.
    pub(crate) core: Option<usize>,
    /// Switches the cache inside the process off.
    pub(crate) without_local_tier: bool,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Panel {
    process: Process,
    /// Where it answers the API.
    pub(crate) address: SocketAddr,
    ops: SocketAddr,
    /// From its start until it was ready.
    pub(crate) started_in: Duration,
}

impl Installation {
    /// Starts the engines, migrates, and fills the database.
    ///
    /// # Errors
    /// The server cannot migrate, or the data do not fit its tables.
    pub(crate) async fn create(programs: Programs, size: Size) -> Outcome<Self> {
        let postgres = TestPostgres::start_private().await;
        let redis = TestRedis::start().await;
        let installation = Self {
            database_url: postgres.url().to_owned(),
            folder: tempfile::tempdir()?,
            people: Arc::default(),
            nodes: Vec::new(),
            programs,
            redis,
            _postgres: postgres,
        };
        installation.migrate()?;
        let client = installation.connect().await?;
        let people = data::fill(&client, size).await?;
        let nodes = data::give_tokens(&client, ENCRYPTION_KEY).await?;
        Ok(Self {
            people: Arc::new(people),
            nodes,
            ..installation
        })
    }

    /// A connection to the database, past the panel.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn connect(&self) -> Outcome<tokio_postgres::Client> {
        let (client, connection) =
            tokio_postgres::connect(&self.database_url, tokio_postgres::NoTls).await?;
        // The end of the connection is seen by whoever uses the client.
        tokio::spawn(async move { connection.await.ok() });
        Ok(client)
    }

    /// How many commands Redis got so far that read, write or publish something.
    pub(crate) async fn redis_commands(&self) -> f64 {
        let mut all = 0;
        // Commands inside of a script are counted by Redis as well: they are the `set`s and `del`s, which nobody sends.
        for command in ["get", "mget", "evalsha", "eval", "publish"] {
            all += self.redis.commands(command).await;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let all = all as f64;
        all
    }

    /// What both programs are told.
    pub(crate) fn environment(&self, ops: SocketAddr) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", self.database_url.clone()),
            ("REDIS_URL", self.redis.url().to_owned()),
            ("APP_ENCRYPTION_KEY", ENCRYPTION_KEY.to_owned()),
            ("APP_OPS_PORT", ops.port().to_string()),
            ("APP_DRAIN_SECONDS", "0".to_owned()),
        ]
    }

    fn migrate(&self) -> Outcome {
        let status = std::process::Command::new(&self.programs.server)
            .arg("migrate")
            .env_clear()
            .envs(self.environment(free_address()?))
            .current_dir(self.folder.path())
            .stdout(std::process::Stdio::null())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("panel-server migrate: {status}").into())
        }
    }

    /// Starts a server and waits until it is ready.
    ///
    /// # Errors
    /// It does not start; its log is in the message.
    pub(crate) fn serve(&self, setting: Setting) -> Outcome<Panel> {
        let (address, ops) = (free_address()?, free_address()?);
        let mut environment = self.environment(ops);
        environment.extend([
            ("APP_URL", format!("http://{address}")),
            ("BIND", address.ip().to_string()),
            ("PORT", address.port().to_string()),
            // Sign-ins come from many addresses, as a load balancer would tell.
            ("APP_TRUSTED_PROXIES", "127.0.0.0/8".to_owned()),
        ]);
        if setting.without_local_tier {
            environment.push(("APP_USE_INTERNAL_CACHE", "false".to_owned()));
        }
        let log = self.folder.path().join("server.log");
        let begun = Instant::now();
        let mut process = Process::start(&Start {
            program: &self.programs.server,
            arguments: &["serve"],
            environment: &environment,
            core: setting.core,
            log: &log,
        })?;
        process
            .wait_ready(ops, "/health/ready")
            .map_err(|error| format!("panel-server: {error}\n{}", end_of(&log)))?;
        Ok(Panel {
            process,
            address,
            ops,
            started_in: begun.elapsed(),
        })
    }
}

impl Panel {
    /// The memory it has in use, in MiB.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn resident_mib(&self) -> io::Result<f64> {
        self.process.resident_mib()
    }

    /// The sum of a metric over everything that has these labels.
    ///
    /// # Errors
    /// The server does not answer.
    pub(crate) fn metric(&self, name: &str, labels: &[&str]) -> io::Result<f64> {
        let answer = http::get(self.ops, "/metrics", &[])?;
        let text = String::from_utf8_lossy(&answer.body);
        Ok(text
            .lines()
            .filter_map(|line| line.strip_prefix(name))
            .filter(|rest| {
                rest.starts_with(['{', ' ']) && labels.iter().all(|label| rest.contains(label))
            })
            .filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok())
            .sum())
    }
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
