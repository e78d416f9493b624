//! A panel that is measured: `panel-server` on a database and a Redis of its own.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::Outcome;
use crate::guard::{Guarded, Program};
use crate::private::{
    Postgres, ask_redis, find_postgres, free_port, on_a_free_port, start_redis, unprivileged_user,
};

const ENCRYPTION_KEY: &str = "an-encryption-key-of-the-rig-and-nothing-else";

/// How long the server may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// What a server of a hosting company has: the largest size fits into its memory. Nothing that is written here needs to survive.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=5GB",
    "work_mem=8MB",
    "maintenance_work_mem=512MB",
];

/// The engines with an empty, migrated database.
pub(super) struct Installation {
    server: PathBuf,
    port: u16,
    redis_port: u16,
    folder: TempDir,
    /// Ended before the folder is removed.
    _engines: [Guarded; 2],
}

/// A running server.
pub(super) struct Panel {
    _process: Guarded,
    base: String,
    http: reqwest::Client,
}

impl Installation {
    /// Starts PostgreSQL and Redis and has `server` migrate the database.
    ///
    /// # Errors
    /// An engine is not installed, or the migration fails.
    pub(super) async fn create(server: &Path) -> Outcome<Self> {
        let server = std::path::absolute(server)?;
        let user = unprivileged_user()?;
        let parent = if user.is_some() {
            PathBuf::from("/var/tmp")
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::Builder::new()
            .prefix("roost-growth-")
            .tempdir_in(parent)?;
        let directory = folder.path().join("postgres");
        std::fs::create_dir(&directory)?;
        if let Some(user) = user {
            chown(folder.path(), Some(user.uid), Some(user.gid))?;
            chown(&directory, Some(user.uid), Some(user.gid))?;
        }
        let postgres = Postgres {
            bin: find_postgres()?,
            directory,
            temporary: true,
            user,
            settings: SETTINGS,
        };
        postgres.initialize()?;
        let (port, database) = on_a_free_port(|port| postgres.start(port))?;
        let redis_folder = folder.path().join("redis");
        std::fs::create_dir(&redis_folder)?;
        let (redis_port, redis) = on_a_free_port(|port| start_redis(&redis_folder, true, port))?;
        let installation = Self {
            server,
            port,
            redis_port,
            folder,
            _engines: [database, redis],
        };
        installation.migrate().await?;
        Ok(installation)
    }

    fn database_url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A connection to the database, past the panel.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn connect(&self) -> Outcome<tokio_postgres::Client> {
        let (client, connection) = tokio_postgres::connect(&self.database_url(), NoTls).await?;
        // The end of the connection is seen by whoever uses the client.
        tokio::spawn(async move { connection.await.ok() });
        Ok(client)
    }

    /// Empties the caches.
    ///
    /// # Errors
    /// Redis is gone.
    pub(super) fn forget(&self) -> Outcome {
        let answer = ask_redis(self.redis_port, "FLUSHALL")?;
        if answer == "+OK" {
            Ok(())
        } else {
            Err(format!("Redis: {answer}").into())
        }
    }

    fn environment(&self) -> Vec<(String, String)> {
        [
            ("DATABASE_URL", self.database_url()),
            (
                "REDIS_URL",
                format!("redis://127.0.0.1:{}", self.redis_port),
            ),
            ("APP_ENCRYPTION_KEY", ENCRYPTION_KEY.to_owned()),
            ("APP_USE_INTERNAL_CACHE", "false".to_owned()),
            ("APP_DRAIN_SECONDS", "0".to_owned()),
            ("BIND", "127.0.0.1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    async fn migrate(&self) -> Outcome {
        let output = tokio::process::Command::new(&self.server)
            .arg("migrate")
            .env_clear()
            .envs(self.environment())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .await?;
        if output.status.success() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("`panel-server migrate` failed: {complaint}").into())
    }

    /// Starts the server and waits until it is ready.
    ///
    /// # Errors
    /// It does not start; its log is in the message.
    pub(super) async fn serve(&self) -> Outcome<Panel> {
        // Its provider of TLS must be named, though nothing here is encrypted; the second caller finds it installed.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let (port, ops) = (free_port()?, free_port()?);
        let base = format!("http://127.0.0.1:{port}");
        let mut environment = self.environment();
        environment.extend(
            [
                ("PORT", port.to_string()),
                ("APP_OPS_PORT", ops.to_string()),
                ("APP_URL", base.clone()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let command = [
            self.server.to_string_lossy().into_owned(),
            "serve".to_owned(),
        ];
        let mut process = Guarded::start(&Program {
            command: &command,
            environment: &environment,
            stop_signal: "KILL",
            log: self.folder.path().join("panel-server.log"),
            directory: None,
            user: None,
        })?;
        let http = reqwest::Client::builder()
            .timeout(READY_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let ready = format!("http://127.0.0.1:{ops}/health/ready");
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Ok(answer) = http.get(&ready).send().await
                && answer.status() == 200
            {
                return Ok(Panel {
                    _process: process,
                    base,
                    http,
                });
            }
            if !process.is_running() || Instant::now() > deadline {
                return Err(format!("panel-server does not start: {}", process.log()).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Panel {
    /// A request of somebody who is signed in.
    pub(super) fn get(&self, path: &str, session: &str) -> reqwest::RequestBuilder {
        let cookie = format!("roost_session={session}");
        self.http
            .get(format!("{}{path}", self.base))
            .header(reqwest::header::COOKIE, cookie)
    }
}
