//! What is never cached: sign-ins, daemons' callbacks, and jobs, per second.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Outcome;
use super::data::PASSWORD;
use super::http::{Connection, request};
use super::panel::{Installation, Setting};
use super::process::{Process, Start, free_address};

/// Who asks at the same time.
const THREADS: usize = 8;

/// Jobs that wait when the worker starts.
const JOBS: i64 = 5_000;

/// The longest that they may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Things done per second by one server, or one worker, that may use all cores.
#[derive(Debug, Serialize)]
pub(crate) struct Rates {
    /// Sign-ins with a password. Hashing it takes nearly all of their time.
    sign_ins: f64,
    /// Reports of a server's power by its daemon, each a transaction.
    callbacks: f64,
    /// Jobs that have a node read a server's configuration, with a node that answers at once.
    jobs: f64,
    failures: u64,
}

/// Measures each for `time`.
///
/// # Errors
/// A program does not start, or the jobs are not done within two minutes.
pub(crate) async fn run(installation: &Installation, time: Duration) -> Outcome<Rates> {
    let panel = installation.serve(Setting::default())?;
    let people = Arc::clone(&installation.people);
    let sign_ins = repeat(panel.address, time, move |turn| {
        let person = &people[turn % people.len()];
        let body = format!(r#"{{"user":"{}","password":"{PASSWORD}"}}"#, person.name);
        // Each from an address of its own, so that the limit of guesses is not met.
        let from = format!("10.2.{}.{}", turn / 250 % 250, turn % 250 + 1);
        request(
            "POST",
            "/api/auth/login",
            &[("x-forwarded-for", &from)],
            Some(&body),
        )
    });
    let people = Arc::clone(&installation.people);
    let nodes = installation.nodes.clone();
    let callbacks = repeat(panel.address, time, move |turn| {
        let servers = &people[turn % people.len()].servers;
        let index = turn / people.len() % servers.len();
        let state = if turn.is_multiple_of(2) {
            "running"
        } else {
            "starting"
        };
        let body = format!(r#"{{"data":{{"previous_state":"offline","new_state":"{state}"}}}}"#);
        // A user's servers are on the nodes in turn, the first on the second node.
        let bearer = format!("Bearer {}", nodes[(index + 1) % nodes.len()].bearer);
        let path = format!("/api/remote/servers/{}/container/status", servers[index]);
        request("POST", &path, &[("authorization", &bearer)], Some(&body))
    });
    drop(panel);
    Ok(Rates {
        sign_ins: sign_ins.per_second,
        callbacks: callbacks.per_second,
        jobs: jobs(installation).await?,
        failures: sign_ins.failed + callbacks.failed,
    })
}

struct Repeated {
    per_second: f64,
    failed: u64,
}

/// Asks from several connections, each for the next when the last was answered.
fn repeat(
    address: SocketAddr,
    time: Duration,
    make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) -> Repeated {
    let make = Arc::new(make);
    let turn = Arc::new(AtomicU64::new(0));
    let failed = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (make, turn) = (Arc::clone(&make), Arc::clone(&turn));
            let (failed, stop) = (Arc::clone(&failed), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut connection = None;
                while !stop.load(Ordering::Relaxed) {
                    let next = turn.fetch_add(1, Ordering::Relaxed);
                    let request = make(usize::try_from(next).unwrap_or(0));
                    let open = match connection.take() {
                        Some(open) => Ok(open),
                        None => Connection::open(address),
                    };
                    let answer = open.and_then(|mut open| {
                        let answer = open.ask(&request)?;
                        connection = Some(open);
                        Ok(answer)
                    });
                    if !answer.is_ok_and(|answer| answer.status == 200) {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(time);
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        // Its panic has been printed already.
        thread.join().ok();
    }
    let failed = failed.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let done = (turn.load(Ordering::Relaxed) - failed) as f64;
    Repeated {
        per_second: done / begun.elapsed().as_secs_f64(),
        failed,
    }
}

async fn jobs(installation: &Installation) -> Outcome<f64> {
    let client = installation.connect().await?;
    // A node that knows no server answers at once, and the job is done.
    let node = free_address()?;
    let answers = installation.folder.path().join("node.json");
    super::bare::write(&[], &answers)?;
    let _node = Process::start(&Start {
        program: &std::env::current_exe()?,
        arguments: &[
            "bare",
            "--address",
            &node.to_string(),
            "--answers",
            &answers.to_string_lossy(),
        ],
        environment: &[],
        core: None,
        log: &installation.folder.path().join("node.log"),
    })?;
    client
        .execute("UPDATE nodes SET url = $1", &[&format!("http://{node}")])
        .await?;
    client.execute("DELETE FROM jobs", &[]).await?;
    client
        .execute(
            "INSERT INTO jobs (id, name, payload, dedup_key, run_at, max_attempts, created_at) \
             SELECT gen_random_uuid(), 'sync_server', json_build_object('server', id), 'of:' || id, now(), 50, now() \
             FROM servers LIMIT $1",
            &[&JOBS],
        )
        .await?;
    let ops = free_address()?;
    let mut environment = installation.environment(ops);
    environment.push(("APP_BLOCKED_CIDRS", "none".to_owned()));
    let mut worker = Process::start(&Start {
        program: &installation.programs.worker,
        arguments: &["run"],
        environment: &environment,
        core: None,
        log: &installation.folder.path().join("worker.log"),
    })?;
    worker.wait_ready(ops, "/health/ready")?;
    let left = "SELECT count(*) FROM jobs WHERE name = 'sync_server'";
    let begun = Instant::now();
    let mut first = None;
    while begun.elapsed() < PATIENCE {
        let count: i64 = client.query_one(left, &[]).await?.get(0);
        if count < JOBS && first.is_none() {
            first = Some((Instant::now(), count));
        }
        if let (0, Some((since, count))) = (count, first) {
            #[expect(clippy::cast_precision_loss, reason = "a count of some thousand")]
            return Ok(count as f64 / since.elapsed().as_secs_f64());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the worker did not finish its jobs".into())
}

impl Rates {
    /// A line for people.
    pub(crate) fn line(&self) -> String {
        format!(
            "per second: {:.0} sign-ins, {:.0} callbacks of daemons, {:.0} jobs of a worker; failures {}",
            self.sign_ins, self.callbacks, self.jobs, self.failures
        )
    }

    /// Requests that were not answered with 200.
    pub(crate) const fn failed(&self) -> u64 {
        self.failures
    }
}
