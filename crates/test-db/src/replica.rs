//! Streaming replicas, and what can happen to them and to their primary.

use std::io::{Error, Result};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres::{TestPostgres, connect, run_blocking};

/// How long a server may take to do what it was told.
const PATIENCE: Duration = Duration::from_secs(30);

impl TestPostgres {
    /// A streaming replica of this server, with a copy of all of its databases.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn replica(&self) -> Self {
        let primary = self.port.to_string();
        let made = run_blocking(move || {
            Self::create_from(|postgres| {
                let mut command = Command::new(postgres.bin.join("pg_basebackup"));
                command
                    .arg("--pgdata")
                    .arg(postgres.directory.join("data"))
                    .args([
                        "--host=127.0.0.1",
                        "--username=postgres",
                        "--port",
                        &primary,
                    ])
                    .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
                    .current_dir("/")
                    .stdin(Stdio::null());
                if let Some(user) = postgres.user {
                    command.uid(user.uid).gid(user.gid);
                }
                let output = command.output()?;
                if output.status.success() {
                    return Ok(());
                }
                let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
                Err(Error::other(format!("pg_basebackup failed: {complaint}")))
            })
        });
        made.await
            .unwrap_or_else(|error| panic!("cannot make a replica: {error}"))
    }

    /// Makes a replica keep what it receives without applying it.
    ///
    /// # Panics
    /// When it is no replica.
    pub async fn pause_replay(&self) {
        self.execute("SELECT pg_wal_replay_pause()").await;
        self.until("SELECT pg_get_wal_replay_pause_state() = 'paused'")
            .await;
    }

    /// Ends [`pause_replay`](Self::pause_replay).
    ///
    /// # Panics
    /// When it is no replica.
    pub async fn resume_replay(&self) {
        self.execute("SELECT pg_wal_replay_resume()").await;
    }

    /// Waits until a replica has applied all that `primary` has on disk now.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn catch_up(&self, primary: &Self) {
        let at = primary.ask("SELECT pg_current_wal_flush_lsn()::text").await;
        self.until(&format!(
            "SELECT pg_last_wal_replay_lsn() >= '{at}'::pg_lsn"
        ))
        .await;
    }

    /// Makes a replica the primary of a timeline of its own.
    ///
    /// # Panics
    /// When it does not become one.
    pub async fn promote(&self) {
        self.execute("SELECT pg_promote()").await;
        self.until("SELECT NOT pg_is_in_recovery()").await;
    }

    /// Makes the server hang, with all that serve its connections: what is sent to it is taken and never answered, until
    /// [`resume`](Self::resume).
    ///
    /// # Panics
    /// When it does not run.
    pub fn hang(&self) {
        self.signal("STOP");
    }

    /// Ends a [`hang`](Self::hang).
    ///
    /// # Panics
    /// When it does not run.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Runs statements in the database `postgres`.
    ///
    /// # Panics
    /// When the server refuses them.
    pub async fn execute(&self, statements: &str) {
        let done = async { connect(self.url()).await?.batch_execute(statements).await };
        done.await
            .unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    async fn ask(&self, query: &str) -> String {
        let asked = async { connect(self.url()).await?.query_one(query, &[]).await };
        let row = asked
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"));
        row.get(0)
    }

    async fn until(&self, condition: &str) {
        let deadline = Instant::now() + PATIENCE;
        let holds = format!("{condition} AS holds");
        while self
            .ask(&format!("SELECT holds::text FROM ({holds}) c"))
            .await
            != "true"
        {
            assert!(Instant::now() < deadline, "it never held: {condition}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn signal(&self, signal: &str) {
        let sent = self.pids().and_then(|pids| send(signal, &pids));
        assert!(sent.is_ok(), "PostgreSQL does not run: {sent:?}");
    }
}

fn send(signal: &str, pids: &[String]) -> Result<()> {
    // One that has ended meanwhile needs no signal; the postmaster, the first, has to be there.
    let Some((postmaster, children)) = pids.split_first() else {
        return Err(Error::other("it has no process"));
    };
    let status = Command::new("kill")
        .args(["-s", signal, postmaster])
        .status()?;
    if !status.success() {
        return Err(Error::other("it has ended"));
    }
    Command::new("kill")
        .args(["-s", signal])
        .args(children)
        .stderr(Stdio::null())
        .status()?;
    Ok(())
}
