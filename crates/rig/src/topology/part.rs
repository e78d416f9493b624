//! One process of the topology: started, signalled, and started again on the same address.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Outcome;
use crate::guard::{Guarded, Program};
use crate::private::{self, Postgres};

/// A process and what it takes to start it again.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Where others find it, as a URL or `host:port`.
    pub(crate) address: String,
    launch: Launch,
    running: Mutex<Option<Guarded>>,
}

/// How a process is started.
#[derive(Debug)]
pub(crate) enum Launch {
    Postgres {
        postgres: Postgres,
        port: u16,
    },
    Program {
        command: Vec<String>,
        environment: Vec<(String, String)>,
        log: PathBuf,
        ready: Ready,
    },
}

/// How one sees that a process can be used.
#[derive(Debug)]
pub(crate) enum Ready {
    /// `PING` is answered on this port.
    Redis(u16),
    /// `GET` of the path is answered 200 on this port.
    Http(u16, &'static str),
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    /// `SIGSTOP`ped.
    Hung,
    Down,
}

impl Part {
    pub(crate) fn new(name: impl Into<String>, address: impl Into<String>, launch: Launch) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            launch,
            running: Mutex::new(None),
        }
    }

    /// Starts it and waits until it can be used; nothing when it runs.
    pub(crate) fn start(&self) -> Outcome {
        let mut running = self.running();
        if running.as_mut().is_some_and(Guarded::is_running) {
            return Ok(());
        }
        let started = match &self.launch {
            Launch::Postgres { postgres, port } => postgres.start(*port),
            Launch::Program {
                command,
                environment,
                log,
                ready,
            } => Guarded::start(&Program {
                command,
                environment,
                // The end of the whole topology; an orderly end of one part is `terminate`.
                stop_signal: "KILL",
                log: log.clone(),
                directory: None,
                user: None,
            })
            .and_then(|program| private::when_ready(program, || Ok(ready.is_so()))),
        };
        *running = Some(started.map_err(|error| format!("{} does not start: {error}", self.name))?);
        Ok(())
    }

    /// Sends it a signal and waits for its end.
    pub(crate) fn end(&self, signal: &str) -> Outcome {
        if self.state() == State::Hung {
            self.signal("CONT")?;
        }
        let mut running = self.running();
        let Some(mut guarded) = running.take() else {
            return Ok(());
        };
        if guarded.is_running() {
            guarded
                .signal(signal)
                .map_err(|error| format!("{}: {error}", self.name))?;
            guarded.wait_for_its_end();
        }
        Ok(())
    }

    /// Ends it without a chance to tidy up. PostgreSQL gets the signal for its immediate stop instead, because its children would outlive
    /// their killed parent.
    pub(crate) fn kill(&self) -> Outcome {
        self.end(match self.launch {
            Launch::Postgres { .. } => "QUIT",
            Launch::Program { .. } => "KILL",
        })
    }

    /// Sends it, and the processes that it started, a signal that it survives.
    pub(crate) fn signal(&self, signal: &str) -> Outcome {
        let running = self.running();
        let guarded = running
            .as_ref()
            .ok_or_else(|| format!("{} does not run", self.name))?;
        guarded.signal(signal)?;
        if matches!(self.launch, Launch::Postgres { .. }) {
            let status = Command::new("pkill")
                .args([&format!("-{signal}"), "-P", &guarded.pid().to_string()])
                .stderr(Stdio::null())
                .status()?;
            if !status.success() {
                return Err(
                    format!("the processes of {} could not be signalled", self.name).into(),
                );
            }
        }
        Ok(())
    }

    /// The process's id while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        let mut running = self.running();
        let guarded = running.as_mut()?;
        guarded.is_running().then(|| guarded.pid())
    }

    pub(crate) fn state(&self) -> State {
        let Some(pid) = self.pid() else {
            return State::Down;
        };
        // The third field, after a name that may hold anything but ends with the last bracket.
        let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        match status.rsplit_once(") ") {
            Some((_, rest)) if rest.starts_with('T') => State::Hung,
            _ => State::Running,
        }
    }

    /// Asks it to end and does not wait.
    pub(crate) fn ask_to_end(&self) {
        if let Some(guarded) = self.running().as_mut() {
            guarded.ask_to_end();
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Guarded>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ready {
    fn is_so(&self) -> bool {
        match self {
            Self::Redis(port) => {
                matches!(private::ask_redis(*port, "PING").as_deref(), Ok("+PONG"))
            }
            Self::Http(port, path) => {
                // The same inline exchange: a head that ends with an empty line, and the first line of the answer.
                let head = format!("GET {path} HTTP/1.0\r\n");
                private::ask_redis(*port, &head).is_ok_and(|line| line.contains(" 200 "))
            }
        }
    }
}
