//! A private PostgreSQL server.

use std::io::{Error, Result};
use std::path::PathBuf;

use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::guard::Guarded;
use crate::private::{Postgres, find_postgres, on_a_free_port, unprivileged_user};

/// Names the server of a test run, as a superuser's URL.
const SERVER_OF_THE_RUN: &str = "ROOST_TEST_POSTGRES_URL";
/// A machine's crash need not be survived, and waiting for the disk would be most of a run's time; the server's own crash
/// (`kill`) is, so commits still reach the operating system. Every test has a pool, hence the connections.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "max_connections=600",
    "shared_buffers=64MB",
    "autovacuum=off",
];

/// The server that all tests of this process share.
static OF_THIS_PROCESS: OnceCell<TestPostgres> = OnceCell::const_new();

/// An own PostgreSQL server, for tests that take it away. Stopped, and its data removed, on drop.
#[derive(Debug)]
pub struct TestPostgres {
    /// First, so that it has ended before its directory goes.
    server: Option<Guarded>,
    postgres: Postgres,
    /// Removed on drop.
    _directory: tempfile::TempDir,
    pub(crate) port: u16,
    url: String,
}

impl TestPostgres {
    /// Starts a server of the test's own, which it may [`kill`](Self::kill) and [`restart`](Self::restart).
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub async fn start_private() -> Self {
        run_blocking(Self::create)
            .await
            .unwrap_or_else(|error| panic!("cannot start a private PostgreSQL: {error}"))
    }

    /// A superuser's URL of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the server at once, as a crash would: open connections break, new ones are refused. The data stay.
    pub async fn kill(&mut self) {
        let server = self.server.take();
        run_blocking(move || {
            drop(server);
            Ok(())
        })
        .await
        .unwrap_or_else(|error| panic!("cannot stop PostgreSQL: {error}"));
    }

    /// Starts the server again on the same port with the same data.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.kill().await;
        let (postgres, port) = (self.postgres.clone(), self.port);
        let server = run_blocking(move || postgres.start(port))
            .await
            .unwrap_or_else(|error| panic!("cannot start PostgreSQL again: {error}"));
        self.server = Some(server);
    }

    fn create() -> Result<Self> {
        Self::create_from(Postgres::initialize)
    }

    /// Starts a server on the data that `make` puts into its directory.
    pub(crate) fn create_from(make: impl FnOnce(&Postgres) -> Result<()>) -> Result<Self> {
        let user = unprivileged_user()?;
        // A private home cannot be entered by another user, and /tmp may be a small memory file system.
        let parent = if user.is_some() {
            PathBuf::from("/var/tmp")
        } else {
            std::env::temp_dir()
        };
        let directory = tempfile::Builder::new()
            .prefix("roost-test-postgres-")
            .tempdir_in(parent)?;
        if let Some(user) = user {
            std::os::unix::fs::chown(directory.path(), Some(user.uid), Some(user.gid))?;
        }
        let postgres = Postgres {
            bin: find_postgres()?,
            directory: directory.path().to_owned(),
            temporary: true,
            user,
            settings: SETTINGS,
        };
        make(&postgres)?;
        let (port, server) = on_a_free_port(|port| postgres.start(port))?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Self {
            server: Some(server),
            postgres,
            _directory: directory,
            port,
            url,
        })
    }

    /// The process ids of the server and of all that work for it.
    pub(crate) fn pids(&self) -> Result<Vec<String>> {
        let file = self.postgres.directory.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        let postmaster = text.lines().next().unwrap_or_default().trim().to_owned();
        let children = std::process::Command::new("ps")
            .args(["-o", "pid=", "--ppid", &postmaster])
            .output()?;
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        let children = children.split_whitespace().map(ToOwned::to_owned);
        Ok(std::iter::once(postmaster).chain(children).collect())
    }
}

/// The URL of the server that this process's tests share: that of the run, else one started for this process.
pub(crate) async fn shared_url() -> String {
    if let Ok(url) = std::env::var(SERVER_OF_THE_RUN) {
        return url;
    }
    OF_THIS_PROCESS
        .get_or_init(TestPostgres::start_private)
        .await
        .url
        .clone()
}

/// Connects and lets the connection run on the current runtime until the client is dropped.
pub(crate) async fn connect(
    url: &str,
) -> std::result::Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // The end of the connection is seen by whoever uses the client.
    tokio::spawn(async move { connection.await.ok() });
    Ok(client)
}

/// Runs what waits for processes where it does not hold up the test's other tasks.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::other)?
}
