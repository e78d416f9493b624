//! Three private Sentinels that watch a private Redis.

use std::fmt::Write as _;
use std::io::Result;
use std::time::{Duration, Instant};

use crate::guard::{Guarded, Program};
use crate::postgres::run_blocking;
use crate::private::{ask_redis, on_a_free_port, when_ready};
use crate::redis::TestRedis;

/// The name of the master at the Sentinels.
const MASTER: &str = "roost-test";

/// Within this the Sentinels have found each other and the replica.
const ACQUAINTED: Duration = Duration::from_secs(60);

/// A Redis master, one replica of it and three Sentinels, which replace the master when they have not heard of it for half
/// a second. All stopped on drop.
#[derive(Debug)]
pub struct TestSentinels {
    sentinels: Vec<Sentinel>,
    master: TestRedis,
    replica: TestRedis,
}

#[derive(Debug)]
struct Sentinel {
    server: Guarded,
    port: u16,
    /// Holds the configuration, which it rewrites, and the log.
    _directory: tempfile::TempDir,
}

impl TestSentinels {
    /// Starts five servers and waits until they know each other.
    ///
    /// # Panics
    /// When Redis is not installed, or they do not start.
    pub async fn start() -> Self {
        let (master, replica) = (TestRedis::start().await, TestRedis::start().await);
        replica.replicate(Some(&master)).await;
        let port = master.port();
        let sentinels = run_blocking(move || {
            // The Sentinels look for replicas when they start, and then not for ten seconds.
            wait_for("WAIT 1 1000", ":1", port)?;
            let sentinels: Vec<_> = (0..3)
                .map(|_| Sentinel::watch(port))
                .collect::<Result<_>>()?;
            for sentinel in &sentinels {
                sentinel.wait_for_acquaintances()?;
            }
            Ok(sentinels)
        })
        .await
        .unwrap_or_else(|error| panic!("cannot start private Sentinels: {error}"));
        Self {
            sentinels,
            master,
            replica,
        }
    }

    /// The name by which the Sentinels know the set.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        MASTER
    }

    /// The addresses of the Sentinels, `redis://127.0.0.1:<port>`.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.sentinels
            .iter()
            .map(|sentinel| format!("redis://127.0.0.1:{}", sentinel.port))
            .collect()
    }

    /// The server that was the master at first.
    #[must_use]
    pub const fn master(&self) -> &TestRedis {
        &self.master
    }

    /// The server that was its replica at first.
    #[must_use]
    pub const fn replica(&self) -> &TestRedis {
        &self.replica
    }

    /// Makes one of the three Sentinels hang.
    ///
    /// # Panics
    /// When there is no such Sentinel.
    pub fn pause_sentinel(&self, index: usize) {
        let sent = self.sentinels[index].server.signal("STOP");
        assert!(sent.is_ok(), "the Sentinel does not run: {sent:?}");
    }
}

impl Sentinel {
    fn watch(master: u16) -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("roost-test-sentinel-")
            .tempdir()?;
        let (port, server) = on_a_free_port(|port| {
            let configuration = directory.path().join("sentinel.conf");
            let mut text = format!("port {port}\nbind 127.0.0.1\n");
            let place = directory.path().display();
            for line in [
                format!("dir {place}"),
                format!("sentinel monitor {MASTER} 127.0.0.1 {master} 2"),
                format!("sentinel down-after-milliseconds {MASTER} 500"),
                format!("sentinel failover-timeout {MASTER} 5000"),
            ] {
                writeln!(text, "{line}").map_err(std::io::Error::other)?;
            }
            std::fs::write(&configuration, text)?;
            let command = [
                "redis-server".to_owned(),
                configuration.to_string_lossy().into_owned(),
                "--sentinel".to_owned(),
            ];
            let server = Guarded::start(&Program {
                command: &command,
                environment: &[],
                stop_signal: "KILL",
                log: directory.path().join("log"),
                directory: Some(directory.path()),
                user: None,
            })?;
            when_ready(server, || {
                Ok(matches!(ask_redis(port, "PING").as_deref(), Ok("+PONG")))
            })
        })?;
        Ok(Self {
            server,
            port,
            _directory: directory,
        })
    }

    /// A fail-over needs a replica, and other Sentinels to agree with.
    fn wait_for_acquaintances(&self) -> Result<()> {
        // Both lists begin with their length.
        wait_for(&format!("SENTINEL REPLICAS {MASTER}"), "*1", self.port)?;
        wait_for(&format!("SENTINEL SENTINELS {MASTER}"), "*2", self.port)?;
        wait_for(&format!("SENTINEL CKQUORUM {MASTER}"), "+OK", self.port)
    }
}

/// Asks until the answer begins as it should.
fn wait_for(question: &str, answer: &str, port: u16) -> Result<()> {
    let deadline = Instant::now() + ACQUAINTED;
    loop {
        let given = ask_redis(port, question)?;
        if given.starts_with(answer) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(std::io::Error::other(format!(
                "{given} and never {answer} to {question}"
            )));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
