//! A child process that ends with its parent.
//!
//! Between the test process and the server stands a small shell, the guardian. It holds the reading end of a
//! pipe; the writing end is ours. However our process ends, `kill -9` included, the kernel closes the pipe, the guardian
//! signals the server, waits for it and removes its directory. (The parent-death signal of Linux would be tied to the
//! *thread* that spawned the child, and a test's thread ends with its test; and it could not remove the directory.)

use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read, Result, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// `$1` is the signal that stops the program, `$2` its log, `$3` a directory to remove when our process is gone (or empty),
/// the rest the program. The guardian prints the program's process id and exits with the program's status. A line on the
/// pipe before its end says that we stop the program ourselves and keep the directory.
const GUARDIAN: &str = r#"
signal=$1; log=$2; directory=$3; shift 3
exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
program=$!
echo "$program"
exec >/dev/null 2>&1
{
    read -r orderly <&3 || trap '' TERM
    kill -s "$signal" "$program"
    tries=0
    while kill -0 "$program" && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    kill -s KILL "$program"
    [ -n "$orderly" ] || [ -z "$directory" ] || rm -rf "$directory"
} &
watcher=$!
wait "$program"
status=$?
kill "$watcher"
exit "$status"
"#;

const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "TMPDIR",
    "TZ",
    "RUST_BACKTRACE",
];

/// The user a server runs as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// What to run and how to end it.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    pub(crate) command: &'a [String],
    /// All of its environment, but for what a program needs to run at all: a variable of our own must not steer a private server.
    pub(crate) environment: &'a [(String, String)],
    /// Signal name without `SIG`.
    pub(crate) stop_signal: &'static str,
    pub(crate) log: PathBuf,
    /// Removed when our process has ended without stopping the program.
    pub(crate) directory: Option<&'a Path>,
    /// `None` keeps our own user.
    pub(crate) user: Option<User>,
}

/// A running program; dropping it stops it and waits for its end.
#[derive(Debug)]
pub(crate) struct Guarded {
    guardian: Child,
    lifeline: Option<ChildStdin>,
    pid: u32,
    log: PathBuf,
}

impl Guarded {
    /// Starts `program` under a guardian.
    pub(crate) fn start(program: &Program<'_>) -> Result<Self> {
        File::options()
            .create(true)
            .append(true)
            .open(&program.log)?;
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARDIAN, "guardian", program.stop_signal])
            .arg(&program.log)
            .arg(program.directory.unwrap_or(Path::new("")))
            .args(program.command)
            .env_clear()
            .envs(
                INHERITED
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .envs(
                program
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .current_dir("/")
            // A Ctrl-C in the terminal must reach the guardian through the pipe, in order, and not directly.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(user) = program.user {
            std::os::unix::fs::chown(&program.log, Some(user.uid), Some(user.gid))?;
            command.uid(user.uid).gid(user.gid);
        }
        let mut guardian = command.spawn()?;
        let lifeline = guardian.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = guardian.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let pid = line.trim().parse().map_err(|_| {
            Error::other(format!(
                "the guardian of {:?} did not start it",
                program.command
            ))
        })?;
        Ok(Self {
            guardian,
            lifeline,
            pid,
            log: program.log.clone(),
        })
    }

    /// True while the program runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.guardian.try_wait(), Ok(None))
    }

    /// What the program wrote so far.
    pub(crate) fn log(&self) -> String {
        let mut text = String::new();
        match File::open(&self.log).and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => text,
            Err(error) => format!("(no log: {error})"),
        }
    }

    /// Asks the program to end and does not wait; dropping waits.
    pub(crate) fn ask_to_end(&mut self) {
        if let Some(mut lifeline) = self.lifeline.take() {
            // Fails when the program and so its guardian have ended already.
            lifeline.write_all(b"stop\n").ok();
        }
    }

    /// The program's process id; once the program has ended, somebody else may have it.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for a program that was told to end in another way.
    pub(crate) fn wait_for_its_end(mut self) {
        // Fails when it was reaped already: then it has ended, which is what is waited for.
        self.guardian.wait().ok();
    }

    /// Sends the program itself a signal (name without `SIG`).
    pub(crate) fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("kill")
            .args(["-s", signal, &self.pid.to_string()])
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(Error::other(format!("process {} is gone", self.pid)))
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.ask_to_end();
        // Fails when it was reaped already: then it has ended, which is what is waited for.
        self.guardian.wait().ok();
    }
}
