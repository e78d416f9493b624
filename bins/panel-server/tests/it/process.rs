//! A `panel-server` with exactly the environment a test gives it.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
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
    log: Arc<Mutex<String>>,
    _folder: TempDir,
}

impl Running {
    /// Starts it and waits for a log line that contains `line`.
    pub(crate) fn start(environment: &[(&str, &str)], arguments: &[&str], line: &str) -> Self {
        let mut running = Self::begin(environment, arguments);
        running.until(line);
        running
    }

    /// Starts it.
    pub(crate) fn begin(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = command(&folder, environment);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        // Somebody has to read on, or a full pipe would stop the process.
        read_on(child.stdout.take().unwrap(), &log);
        read_on(child.stderr.take().unwrap(), &log);
        Self {
            child,
            log,
            _folder: folder,
        }
    }

    /// Waits until it has said `line`.
    pub(crate) fn until(&mut self, line: &str) {
        let begun = Instant::now();
        while !self.log().contains(line) {
            let ended = self.child.try_wait().unwrap().is_some();
            assert!(!ended, "it ended without `{line}`: {}", self.log());
            assert!(begun.elapsed() < DEADLINE, "no `{line}`: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it has said so far, on both of its outputs.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends SIGKILL and waits for its end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
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

fn read_on(output: impl Read + Send + 'static, log: &Arc<Mutex<String>>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut next = String::new();
        while output.read_line(&mut next).unwrap() > 0 {
            log.lock().unwrap().push_str(&next);
            next.clear();
        }
    });
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// The status line, headers and body of an answer, as they came, on a connection for this request alone.
pub(crate) fn get(port: u16, path: &str) -> String {
    exchange(port, path, "connection: close\r\n")
}

/// The same on a connection that the client would keep: it returns when the server closes it.
pub(crate) fn get_keeping(port: u16, path: &str) -> String {
    exchange(port, path, "")
}

fn exchange(port: u16, path: &str, header: &str) -> String {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\n{header}\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    text(&answer)
}
