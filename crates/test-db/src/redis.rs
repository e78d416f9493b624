//! A private Redis server.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::guard::{Guarded, Program, free_port};
use crate::postgres::run_blocking;

const START_DEADLINE: Duration = Duration::from_secs(30);

/// An own Redis server without persistence. Stopped on drop.
#[derive(Debug)]
pub struct TestRedis {
    /// First, so that it has ended before its directory goes.
    server: Option<Guarded>,
    /// Holds the log.
    directory: tempfile::TempDir,
    port: u16,
    url: String,
}

impl TestRedis {
    /// Starts an empty server.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    pub async fn start() -> Self {
        run_blocking(Self::create)
            .await
            .unwrap_or_else(|error| panic!("cannot start a private Redis: {error}"))
    }

    /// A server for tests that only use it. It is their own all the same: channels are not bound to a numbered database,
    /// so tests on one server would hear each other, and a start costs some 20 ms.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn shared() -> Self {
        Self::start().await
    }

    /// `redis://127.0.0.1:<port>`; stays the same across restarts.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the server at once (`SIGKILL`). What it held is gone.
    pub async fn kill(&mut self) {
        let server = self.server.take();
        run_blocking(move || {
            drop(server);
            Ok(())
        })
        .await
        .unwrap_or_else(|error| panic!("cannot stop Redis: {error}"));
    }

    /// Starts an empty server on the same port, ending the one that may still run.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.kill().await;
        let (log, port) = (self.directory.path().join("log"), self.port);
        let server = run_blocking(move || launch(log, port))
            .await
            .unwrap_or_else(|error| panic!("cannot start Redis again: {error}"));
        self.server = Some(server);
    }

    /// Deletes everything (`FLUSHALL`).
    ///
    /// # Panics
    /// When the server does not run.
    pub async fn flush(&self) {
        let port = self.port;
        let answer = run_blocking(move || ask(port, "FLUSHALL SYNC")).await;
        assert!(
            matches!(answer.as_deref(), Ok("+OK")),
            "Redis did not flush: {answer:?}"
        );
    }

    /// Makes the server hang: connections are accepted by the kernel and never answered, until [`resume`](Self::resume).
    ///
    /// # Panics
    /// When the server does not run.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Ends a [`pause`](Self::pause); what was asked meanwhile is answered.
    ///
    /// # Panics
    /// When the server does not run.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = self.server.as_ref().map(|server| server.signal(signal));
        assert!(matches!(sent, Some(Ok(()))), "Redis does not run: {sent:?}");
    }

    fn create() -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("roost-test-redis-")
            .tempdir()?;
        let mut last = Error::other("not tried");
        for _ in 0..5 {
            let port = free_port()?;
            match launch(directory.path().join("log"), port) {
                Ok(server) => {
                    return Ok(Self {
                        directory,
                        port,
                        url: format!("redis://127.0.0.1:{port}"),
                        server: Some(server),
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn launch(log: std::path::PathBuf, port: u16) -> Result<Guarded> {
    let port_text = port.to_string();
    let directory = log.parent().map(std::path::Path::to_owned);
    let command: Vec<String> = [
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        &port_text,
        "--save",
        "",
        "--appendonly",
        "no",
        "--daemonize",
        "no",
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    let mut server = Guarded::start(&Program {
        command: &command,
        stop_signal: "KILL",
        log,
        directory: directory.as_deref(),
        user: None,
    })?;
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline {
        if !server.is_running() {
            return Err(Error::other(format!(
                "it ended at its start: {}",
                server.log()
            )));
        }
        if matches!(ask(port, "PING").as_deref(), Ok("+PONG")) {
            return Ok(server);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(Error::other(format!(
        "it was not ready in {START_DEADLINE:?}: {}",
        server.log()
    )))
}

/// One inline command, one line of answer: all that this crate needs of the protocol.
fn ask(port: u16, command: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte)? == 1 && byte[0] != b'\r' {
        answer.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
