//! The worker as an operator runs it: a process with an environment.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod failover;
mod takeover;
mod transfer;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use panel_test_db::TestDatabase;
use tempfile::TempDir;

fn command(folder: &TempDir, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panel-worker"));
    command
        .current_dir(folder.path())
        .env_clear()
        .envs(environment.iter().copied());
    command
}

fn run(environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    command(&folder, environment)
        .args(arguments)
        .output()
        .unwrap()
}

fn environment<'a>(database: &'a str, ops_port: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("DATABASE_URL", database),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("APP_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef"),
        ("APP_OPS_PORT", ops_port),
    ]
}

/// A port that was free a moment ago.
fn free_port() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// A running worker; killed when a test gives up on it.
struct Worker {
    child: Child,
    log: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Worker {
    fn start(environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = command(&folder, environment);
        let mut child = command.arg("run").stdout(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            log,
            _folder: folder,
        }
    }

    /// Reads the log up to a line that contains `text`.
    fn until(&mut self, text: &str) {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            let read = self.log.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended without `{text}`: {seen}");
            if line.contains(text) {
                return;
            }
            seen.push_str(&line);
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    fn terminate(&mut self) -> bool {
        self.signal("-TERM");
        let mut rest = Vec::new();
        self.log.read_to_end(&mut rest).unwrap();
        self.child.wait().unwrap().success()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.kill();
        }
    }
}

fn get(port: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What `panel-worker status` says.
fn status(database: &str) -> String {
    let output = run(&environment(database, "1"), &["status"]);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_problem_is_listed_at_once() {
    let output = run(
        &[("APP_WORKER_PRIORITY", "high"), ("REDIS_MODE", "cluster")],
        &["run"],
    );
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    for key in [
        "DATABASE_URL",
        "REDIS_MODE",
        "APP_ENCRYPTION_KEY",
        "APP_WORKER_PRIORITY",
    ] {
        assert!(
            error.contains(&format!("\n  {key} ")),
            "{key} is missing: {error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_leads_and_another_takes_over() {
    let database = TestDatabase::migrated().await;
    let (one, two) = (free_port(), free_port());
    let mut first = Worker::start(&environment(database.url(), &one));
    first.until("This worker leads");
    assert!(get(&one, "/health/ready").contains("200 OK"));
    assert!(get(&one, "/metrics").contains("worker_leads 1"));
    let mut second = Worker::start(&environment(database.url(), &two));
    second.until("Standing by for work");
    assert!(get(&two, "/metrics").contains("worker_leads 0"));
    first.kill();
    second.until("This worker leads");
    assert!(second.terminate());
    let status = status(database.url());
    assert!(status.starts_with("jobs: 0 due"), "{status}");
    assert!(status.contains("\nleader: nobody"), "{status}");
}
