//! A `panel-server` with exactly the environment a test gives it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The program in an empty folder, so that no `.env` is read, without anything of the test's own environment.
pub(crate) fn command(folder: &TempDir, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panel-server"));
    command
        .current_dir(folder.path())
        .env_clear()
        .envs(environment.iter().copied());
    command
}

pub(crate) fn run(environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    command(&folder, environment)
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn run_with_input(
    environment: &[(&str, &str)],
    arguments: &[&str],
    input: &str,
) -> Output {
    let folder = TempDir::new().unwrap();
    let mut command = command(&folder, environment);
    command.args(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A process that runs until it is told to stop; killed when a test gives up on it.
pub(crate) struct Running {
    child: Child,
    _folder: TempDir,
}

impl Running {
    /// Starts it and waits for a log line that contains `line`.
    pub(crate) fn start(environment: &[(&str, &str)], arguments: &[&str], line: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = command(&folder, environment);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let mut seen = String::new();
        loop {
            let mut next = String::new();
            assert_ne!(
                log.read_line(&mut next).unwrap(),
                0,
                "it ended early: {seen}"
            );
            seen.push_str(&next);
            if next.contains(line) {
                break;
            }
        }
        // Somebody has to read on, or a full pipe would stop the process.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self {
            child,
            _folder: folder,
        }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; whether it ended well.
    pub(crate) fn wait(&mut self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < DEADLINE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// The status line, headers and body of an answer, as they came.
pub(crate) fn get(port: u16, path: &str) -> String {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    text(&answer)
}
