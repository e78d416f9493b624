//! Private servers from the programs that the machine has: where they are, as whom they run, when they are ready.
//!
//! Only the standard library is used: `xtask`, which depends on no crate of ours, compiles this file and [`crate::guard`] too.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::guard::{Guarded, Program, User};

const START_DEADLINE: Duration = Duration::from_secs(60);

/// A TCP port of the loopback address that was free a moment ago. Callers retry when somebody else was quicker.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}

/// The directory of `initdb` and `postgres`: most systems keep it out of `PATH`, one per major version.
pub(crate) fn find_postgres() -> Result<PathBuf> {
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
pub(crate) fn unprivileged_user() -> Result<Option<User>> {
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

/// Where a PostgreSQL server lives and how it runs.
#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    /// The directory of `initdb` and `postgres`.
    pub(crate) bin: PathBuf,
    /// Holds `data` and `log`; belongs to `user`.
    pub(crate) directory: PathBuf,
    /// Whether the directory goes when our process ends without stopping the server.
    pub(crate) temporary: bool,
    /// From [`unprivileged_user`].
    pub(crate) user: Option<User>,
    pub(crate) settings: &'static [&'static str],
}

impl Postgres {
    /// Makes the data directory, with the superuser `postgres` and without passwords on the loopback address.
    pub(crate) fn initialize(&self) -> Result<()> {
        let mut complaint = String::new();
        // Not every system has C.UTF-8, with which letters outside ASCII are letters.
        for locale in ["C.UTF-8", "C"] {
            let mut command = Command::new(self.bin.join("initdb"));
            command
                .arg("--pgdata")
                .arg(self.directory.join("data"))
                .args([
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--no-sync",
                ])
                .arg(format!("--locale={locale}"))
                .current_dir("/")
                .stdin(Stdio::null());
            if let Some(user) = self.user {
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

    /// Starts the server on the port and waits until it answers.
    pub(crate) fn start(&self, port: u16) -> Result<Guarded> {
        let mut command = vec![
            self.bin.join("postgres").to_string_lossy().into_owned(),
            "-D".to_owned(),
            self.directory.join("data").to_string_lossy().into_owned(),
            "-p".to_owned(),
            port.to_string(),
        ];
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories="]
            .iter()
            .chain(self.settings)
        {
            command.extend(["-c".to_owned(), (*setting).to_owned()]);
        }
        let server = Guarded::start(&Program {
            command: &command,
            environment: &[],
            stop_signal: "QUIT",
            log: self.directory.join("log"),
            directory: self.temporary.then_some(self.directory.as_path()),
            user: self.user,
        })?;
        let port = port.to_string();
        when_ready(server, || {
            let arguments = ["-q", "-h", "127.0.0.1", "-p", &port];
            Ok(Command::new(self.bin.join("pg_isready"))
                .args(arguments)
                .status()?
                .success())
        })
    }
}

/// Starts a Redis server without persistence on the port and waits until it answers.
pub(crate) fn start_redis(directory: &Path, temporary: bool, port: u16) -> Result<Guarded> {
    let port_text = port.to_string();
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
    let server = Guarded::start(&Program {
        command: &command,
        environment: &[],
        stop_signal: "KILL",
        log: directory.join("log"),
        directory: temporary.then_some(directory),
        user: None,
    })?;
    when_ready(server, || {
        Ok(matches!(ask_redis(port, "PING").as_deref(), Ok("+PONG")))
    })
}

/// Waits until `ready`; an error with the server's log when it ends before that.
pub(crate) fn when_ready(
    mut server: Guarded,
    mut ready: impl FnMut() -> Result<bool>,
) -> Result<Guarded> {
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline {
        // A stranger's server may answer on the port, so ours must live after the answer.
        let answered = ready()?;
        if !server.is_running() {
            return Err(Error::other(format!(
                "it ended at its start: {}",
                server.log()
            )));
        }
        if answered {
            return Ok(server);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(Error::other(format!(
        "it was not ready in {START_DEADLINE:?}: {}",
        server.log()
    )))
}

/// Starts a server on a free port, again on another one when somebody was quicker to take it.
pub(crate) fn on_a_free_port(
    mut start: impl FnMut(u16) -> Result<Guarded>,
) -> Result<(u16, Guarded)> {
    let mut last = Error::other("not tried");
    for _ in 0..5 {
        let port = free_port()?;
        match start(port) {
            Ok(server) => return Ok((port, server)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// One inline command, one line of answer: all that this crate needs of the protocol.
pub(crate) fn ask_redis(port: u16, command: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte)? == 1 && byte[0] != b'\r' {
        answer.push(byte[0]);
    }
    // A longer text: the line was its length.
    if let Some(length) = answer.strip_prefix(b"$") {
        let length = String::from_utf8_lossy(length)
            .parse()
            .map_err(Error::other)?;
        stream.read_exact(&mut byte)?;
        answer = vec![0; length];
        stream.read_exact(&mut answer)?;
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
