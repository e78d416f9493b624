//! A private PostgreSQL server.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::guard::{Guarded, Program, User, free_port};

/// Names the server of a test run, as a superuser's URL.
const SERVER_OF_THE_RUN: &str = "ROOST_TEST_POSTGRES_URL";
const START_DEADLINE: Duration = Duration::from_secs(60);
/// A machine's crash need not be survived, and waiting for the disk would be most of a run's time; the server's own crash
/// (`kill`) is, so commits still reach the operating system. Every test has a pool, hence the connections.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "max_connections=600",
    "shared_buffers=64MB",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "autovacuum=off",
    "log_min_messages=warning",
];

/// The server that all tests of this process share.
static OF_THIS_PROCESS: OnceCell<TestPostgres> = OnceCell::const_new();

/// An own PostgreSQL server, for tests that take it away. Stopped, and its data removed, on drop.
#[derive(Debug)]
pub struct TestPostgres {
    /// First, so that it has ended before its directory goes.
    server: Option<Guarded>,
    bin: PathBuf,
    /// Holds the data and the log.
    directory: tempfile::TempDir,
    user: Option<User>,
    port: u16,
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
        let (bin, directory, user, port) = (
            self.bin.clone(),
            self.directory.path().to_owned(),
            self.user,
            self.port,
        );
        let server = run_blocking(move || launch(&bin, &directory, user, port))
            .await
            .unwrap_or_else(|error| panic!("cannot start PostgreSQL again: {error}"));
        self.server = Some(server);
    }

    fn create() -> Result<Self> {
        let bin = find_bin()?;
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
        initialize(&bin, directory.path(), user)?;
        let mut last = Error::other("not tried");
        for _ in 0..5 {
            let port = free_port()?;
            match launch(&bin, directory.path(), user, port) {
                Ok(server) => {
                    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                    return Ok(Self {
                        bin,
                        directory,
                        user,
                        port,
                        url,
                        server: Some(server),
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
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

fn initialize(bin: &Path, directory: &Path, user: Option<User>) -> Result<()> {
    let mut complaint = String::new();
    // Not every system has C.UTF-8, with which letters outside ASCII are letters.
    for locale in ["C.UTF-8", "C"] {
        let mut command = Command::new(bin.join("initdb"));
        command
            .arg("--pgdata")
            .arg(directory.join("data"))
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ])
            .arg(format!("--locale={locale}"))
            .current_dir("/")
            .stdin(Stdio::null());
        if let Some(user) = user {
            use std::os::unix::process::CommandExt;
            command.uid(user.uid).gid(user.gid);
        }
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    Err(Error::other(format!("initdb failed: {complaint}")))
}

fn launch(bin: &Path, directory: &Path, user: Option<User>, port: u16) -> Result<Guarded> {
    let mut command = vec![
        bin.join("postgres").to_string_lossy().into_owned(),
        "-D".to_owned(),
        directory.join("data").to_string_lossy().into_owned(),
        "-p".to_owned(),
        port.to_string(),
    ];
    for setting in SETTINGS {
        command.extend(["-c".to_owned(), (*setting).to_owned()]);
    }
    let mut server = Guarded::start(&Program {
        command: &command,
        stop_signal: "QUIT",
        log: directory.join("log"),
        directory: Some(directory),
        user,
    })?;
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline {
        if !server.is_running() {
            return Err(Error::other(format!(
                "it ended at its start: {}",
                server.log()
            )));
        }
        let ready = Command::new(bin.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .status()?;
        if ready.success() {
            return Ok(server);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(Error::other(format!(
        "it was not ready in {START_DEADLINE:?}: {}",
        server.log()
    )))
}

/// The directory of `initdb` and `postgres`: most systems keep it out of `PATH`, one per major version.
fn find_bin() -> Result<PathBuf> {
    let mut candidates = Vec::new();
    for parent in [
        "/usr/lib/postgresql",
        "/usr",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/usr/libexec",
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else {
            continue;
        };
        candidates.extend(entries.filter_map(|entry| Some(entry.ok()?.path().join("bin"))));
    }
    candidates.retain(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file());
    candidates.sort_by_key(|bin| {
        let digits: String = bin
            .to_string_lossy()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        digits.parse::<u32>().unwrap_or(0)
    });
    if let Some(newest) = candidates.pop() {
        return Ok(newest);
    }
    std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .ok_or_else(|| {
            Error::other("PostgreSQL is not installed (`cargo xtask test` installs it or says how)")
        })
}

/// `initdb` refuses root, so as root its servers run as somebody else.
fn unprivileged_user() -> Result<Option<User>> {
    if id(&["-u"])? != Some(0) {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let (Some(uid), Some(gid)) = (id(&["-u", name])?, id(&["-g", name])?) {
            return Ok(Some(User { uid, gid }));
        }
    }
    Err(Error::other(
        "there is no unprivileged user to run PostgreSQL as",
    ))
}

fn id(arguments: &[&str]) -> Result<Option<u32>> {
    let output = Command::new("id")
        .args(arguments)
        .stderr(Stdio::null())
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// Runs what waits for processes where it does not hold up the test's other tasks.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::other)?
}
