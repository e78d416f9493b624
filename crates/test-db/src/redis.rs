//! A private Redis server.

use std::io::{Error, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::guard::Guarded;
use crate::postgres::run_blocking;
use crate::private::{ask_redis, on_a_free_port, start_redis};

/// An own Redis server without persistence. Stopped on drop.
#[derive(Debug)]
pub struct TestRedis {
    /// First, so that it has ended before its directory goes.
    server: Mutex<Option<Guarded>>,
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

    /// Its port on the loopback address.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server at once (`SIGKILL`). What it held is gone.
    pub async fn kill(&self) {
        let server = self.server().take();
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
    pub async fn restart(&self) {
        self.kill().await;
        let (directory, port) = (self.directory.path().to_owned(), self.port);
        let server = run_blocking(move || start_redis(&directory, true, port))
            .await
            .unwrap_or_else(|error| panic!("cannot start Redis again: {error}"));
        *self.server() = Some(server);
    }

    /// Deletes everything (`FLUSHALL`).
    ///
    /// # Panics
    /// When the server does not run.
    pub async fn flush(&self) {
        self.order("FLUSHALL SYNC").await;
    }

    /// Sets a parameter of the running server (`CONFIG SET`); a restart forgets it.
    ///
    /// # Panics
    /// When the server does not run, or does not know the parameter.
    pub async fn configure(&self, parameter: &str, value: &str) {
        self.order(&format!("CONFIG SET {parameter} \"{value}\""))
            .await;
    }

    /// Makes the server a replica of another one, or with `None` a master. A replica refuses writes.
    ///
    /// # Panics
    /// When the server does not run.
    pub async fn replicate(&self, master: Option<&Self>) {
        let of = master.map_or_else(
            || "NO ONE".to_owned(),
            |master| format!("127.0.0.1 {}", master.port),
        );
        self.order(&format!("REPLICAOF {of}")).await;
    }

    /// Ends the connections of everybody, who need `password` from then on: those who were signed in stay so.
    ///
    /// # Panics
    /// When the server does not run.
    pub async fn lock(&self, password: &str) {
        self.configure("requirepass", password).await;
        // The two commands have to come over one connection, so a script that needs no sign-in of its own does both.
        self.order(&format!(
            "AUTH {password}\r\nCLIENT KILL TYPE normal SKIPME yes"
        ))
        .await;
    }

    /// Gives one command, in the form that one types; it has to be answered with `OK` or a number.
    ///
    /// # Panics
    /// When the server does not run, or answers something else.
    pub async fn order(&self, command: &str) {
        let answer = self.ask(command).await;
        assert!(
            matches!(&answer, Ok(answer) if answer == "+OK" || answer.starts_with(':')),
            "Redis answered {answer:?} to {command}"
        );
    }

    async fn ask(&self, command: &str) -> Result<String> {
        let (port, command) = (self.port, command.to_owned());
        run_blocking(move || ask_redis(port, &command)).await
    }

    /// How often clients have sent a command, named in lower case, since the server was started.
    ///
    /// # Panics
    /// When the server does not run.
    pub async fn commands(&self, name: &str) -> u64 {
        let stats = self.ask("INFO commandstats").await;
        let stats = stats.unwrap_or_else(|error| panic!("Redis does not run: {error}"));
        let line = stats
            .lines()
            .find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
        line.and_then(|line| line.split(',').next()?.parse().ok())
            .unwrap_or(0)
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
        let sent = match &*self.server() {
            Some(server) => server.signal(signal),
            None => Err(Error::other("it was stopped")),
        };
        assert!(sent.is_ok(), "Redis does not run: {sent:?}");
    }

    fn server(&self) -> MutexGuard<'_, Option<Guarded>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create() -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("roost-test-redis-")
            .tempdir()?;
        let (port, server) = on_a_free_port(|port| start_redis(directory.path(), true, port))?;
        Ok(Self {
            server: Mutex::new(Some(server)),
            directory,
            port,
            url: format!("redis://127.0.0.1:{port}"),
        })
    }
}
