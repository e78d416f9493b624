//! Programs under test: each on its core, and gone when the bench is.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::http;

/// How long a program may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running program. Dropping it ends it at once.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

/// Where a program runs and what it is told.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The program's file.
    pub(crate) program: &'a Path,
    /// Its arguments.
    pub(crate) arguments: &'a [&'a str],
    /// All of its environment, but for `PATH`.
    pub(crate) environment: &'a [(&'a str, String)],
    /// The core it may use; `None` leaves it all of them.
    pub(crate) core: Option<usize>,
    /// Gets what it prints.
    pub(crate) log: &'a Path,
}

impl Process {
    /// Starts a program.
    ///
    /// # Errors
    /// It is not there, or this machine lacks `taskset` and `setpriv` (both of util-linux).
    pub(crate) fn start(start: &Start<'_>) -> io::Result<Self> {
        let log = File::create(start.log)?;
        let mut command = match start.core {
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", &core.to_string(), "setpriv"]);
                command
            }
            // The bench itself keeps to the client's core, which a child would inherit.
            None => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", &all_cores(), "setpriv"]);
                command
            }
        };
        let child = command
            .args(["--pdeathsig", "KILL"])
            .arg(start.program)
            .args(start.arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(start.environment.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self { child })
    }

    /// Waits until `GET path` at `address` is answered with 200.
    ///
    /// # Errors
    /// The program ended, or took a minute.
    pub(crate) fn wait_ready(&mut self, address: SocketAddr, path: &str) -> io::Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("it ended at its start: {status}")));
            }
            if http::get(address, path, &[]).is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(io::Error::other("it did not answer within a minute"))
    }

    /// The memory that it has in use, in MiB: its resident set.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn resident_mib(&self) -> io::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib: f64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|value| value.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| io::Error::other("the kernel does not tell the program's memory"))?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn all_cores() -> String {
    std::fs::read_to_string("/sys/devices/system/cpu/online")
        .map_or_else(|_| "0".to_owned(), |list| list.trim().to_owned())
}

/// Keeps this process, and the servers that it starts, to a core.
///
/// # Errors
/// There is no such core, or no `taskset`.
pub(crate) fn keep_to(core: usize) -> io::Result<()> {
    let status = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", &core.to_string()])
        .arg(std::process::id().to_string())
        .stdout(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("taskset: {status}")))
    }
}

/// An address of the loopback interface that was free a moment ago.
///
/// # Errors
/// All ports are taken.
pub(crate) fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
