//! A private Redis server.

use std::io::Result;

use crate::guard::Guarded;
use crate::postgres::run_blocking;
use crate::private::{ask_redis, on_a_free_port, start_redis};

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
        let (directory, port) = (self.directory.path().to_owned(), self.port);
        let server = run_blocking(move || start_redis(&directory, true, port))
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
        let answer = run_blocking(move || ask_redis(port, "FLUSHALL SYNC")).await;
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
        let (port, server) = on_a_free_port(|port| start_redis(directory.path(), true, port))?;
        Ok(Self {
            server: Some(server),
            directory,
            port,
            url: format!("redis://127.0.0.1:{port}"),
        })
    }
}
