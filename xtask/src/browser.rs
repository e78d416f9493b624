//! The browser's tests against a panel that starts from an empty database.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;
use crate::guard::Guarded;
use crate::packages::{self, npm};
use crate::private::free_port;
use crate::services::{Scratch, TemporaryPostgres, TemporaryRedis};
use crate::shell;
use crate::stack::{Ports, Stack};
use crate::test::Counts;

const DATABASE: &str = "roost_browser";
/// Of each log, after a failure.
const SHOWN_LINES: usize = 40;
const TOKEN_DEADLINE: Duration = Duration::from_secs(10);

/// Starts server and worker, runs Playwright, and starts the simulated node as soon as the tests have made one.
pub(crate) fn run(postgres: &TemporaryPostgres, egg: Option<&Path>) -> Outcome<Counts> {
    let redis = TemporaryRedis::start()?;
    let scratch = Scratch::new("browser", None)?;
    shell::run(&mut psql(
        postgres,
        "postgres",
        &format!("CREATE DATABASE {DATABASE}"),
    ))?;
    let stack = Stack {
        database_url: postgres.url(DATABASE),
        redis_url: redis.url(),
        encryption_key: "only-for-the-browser-tests-of-this-run".to_owned(),
        ports: Ports {
            panel: free_port()?,
            server_ops: free_port()?,
            worker_ops: free_port()?,
            node: free_port()?,
            sftp: free_port()?,
        },
        folder: scratch.0.clone(),
        settings: Vec::new(),
    };
    shell::run(&mut stack.panel_server(&["migrate"]))?;
    let server = stack.start_server()?;
    let worker = stack.start_worker()?;
    let token = setup_token(&server)?;

    let finished = AtomicBool::new(false);
    let (counts, node) = std::thread::scope(|scope| {
        let node = scope.spawn(|| {
            node_of_the_tests(&stack, postgres, &finished).map_err(|error| error.to_string())
        });
        let counts = playwright(&stack, &token, egg, &scratch.0);
        finished.store(true, Ordering::Relaxed);
        (counts, node.join())
    });
    let node = node.map_err(|_| "the thread of the simulated node panicked")?;
    let counts = counts?;
    if counts.failed > 0 {
        print_logs([
            Some(&server),
            Some(&worker),
            node.as_ref().ok().and_then(Option::as_ref),
        ]);
    }
    node?;
    Ok(counts)
}

fn playwright(stack: &Stack, token: &str, egg: Option<&Path>, folder: &Path) -> Outcome<Counts> {
    let result = folder.join("playwright.json");
    let mut tests = npm()?;
    tests
        .args(["run", "--silent", "e2e", "--", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &result)
        .env("ROOST_URL", stack.url())
        .env("ROOST_SETUP_TOKEN", token)
        .env("ROOST_SIM_URL", stack.node_url());
    if let Some(egg) = egg {
        tests.env("ROOST_EGG_FILE", egg);
    }
    if let Some(chromium) = packages::chromium() {
        tests.env("ROOST_CHROMIUM", chromium);
    }
    let status = tests.status()?;
    let text = std::fs::read_to_string(&result)
        .map_err(|_| format!("Playwright ended without a result ({status})"))?;
    let result: Value = serde_json::from_str(&text)?;
    let count = |name: &str| result["stats"][name].as_u64().unwrap_or_default();
    // A test that passes on a second try has failed.
    let counts = Counts {
        passed: count("expected"),
        failed: count("unexpected") + count("flaky"),
        skipped: count("skipped"),
    };
    if counts.failed == 0 && !status.success() {
        return Err(format!("Playwright failed outside of its tests ({status})").into());
    }
    Ok(counts)
}

/// Does what an operator does with a node that somebody made in the panel: takes its configuration and starts the daemon.
fn node_of_the_tests(
    stack: &Stack,
    postgres: &TemporaryPostgres,
    finished: &AtomicBool,
) -> Outcome<Option<Guarded>> {
    let node = loop {
        let found = shell::output(&mut psql(
            postgres,
            DATABASE,
            "SELECT id FROM nodes ORDER BY created_at LIMIT 1",
        ))?;
        if !found.trim().is_empty() {
            break found.trim().to_owned();
        }
        if finished.load(Ordering::Relaxed) {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let config = stack.folder.join("node.yml");
    std::fs::write(
        &config,
        shell::output(&mut stack.panel_server(&["node", "config", &node]))?,
    )?;
    Ok(Some(stack.start_node(&config)?))
}

/// `psql` on a database of ours, with one statement.
pub(crate) fn psql(postgres: &TemporaryPostgres, database: &str, sql: &str) -> Command {
    let mut psql = shell::command(&postgres.bin.join("psql").to_string_lossy());
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--no-align",
        "--tuples-only",
        "--set=ON_ERROR_STOP=1",
        "--dbname",
    ])
    .arg(postgres.url(database))
    .args(["--command", sql])
    .stdin(Stdio::null());
    psql
}

/// The server prints it once, when it starts on an empty database.
fn setup_token(server: &Guarded) -> Outcome<String> {
    let deadline = Instant::now() + TOKEN_DEADLINE;
    while Instant::now() < deadline {
        let log = server.log();
        let after = log.split_once("setup?token=").map(|(_, after)| after);
        let token = after.and_then(|after| {
            after
                .split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c))
                .next()
        });
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            return Ok(token.to_owned());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("the server printed no setup token:\n{}", server.log()).into())
}

fn print_logs(processes: [Option<&Guarded>; 3]) {
    for (name, process) in ["panel-server", "panel-worker", "wings-sim"]
        .iter()
        .zip(processes)
    {
        if let Some(process) = process {
            let log = process.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!(
                "--- the end of the log of {name}\n{}",
                lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
            );
        }
    }
}
