//! The memory of a server: at rest, under load, and after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Outcome;
use super::client::{self, Load};
use super::data::PASSWORD;
use super::http::{Connection, request};
use super::pairs::Endpoint;
use super::panel::{Installation, Setting};

/// Connections of the load.
const CONNECTIONS: usize = 384;
/// Sign-ins per second meanwhile.
const SIGN_INS: u32 = 2;

/// What a server takes, in MiB of resident memory.
#[derive(Debug, Serialize)]
pub(crate) struct Memory {
    /// A while after its start.
    pub(crate) idle: f64,
    /// The most while all three endpoints were asked in turn, with changes and sign-ins.
    pub(crate) loaded: f64,
    /// As long after the load as before it.
    pub(crate) after: f64,
    /// The time before and after, and of the load, in seconds.
    pub(crate) seconds: u64,
    /// Sign-ins meanwhile.
    pub(crate) sign_ins: u32,
    /// From the start of the process until it was ready, in milliseconds: the median of five.
    pub(crate) start_up_ms: f64,
    /// The program's file.
    pub(crate) binary_mib: f64,
}

/// Measures a server that may use all cores, as an operator would run it.
///
/// # Errors
/// The server does not start or stops answering.
pub(crate) fn run(installation: &Installation, wait: Duration) -> Outcome<Memory> {
    let mut starts = Vec::new();
    for _ in 0..4 {
        let started = installation.serve(Setting::default())?;
        starts.push(started.started_in.as_secs_f64() * 1e3);
    }
    let panel = installation.serve(Setting::default())?;
    starts.push(panel.started_in.as_secs_f64() * 1e3);
    std::thread::sleep(wait);
    let idle = panel.resident_mib()?;

    let stop = Arc::new(AtomicBool::new(false));
    let signing_in = {
        let (stop, people) = (Arc::clone(&stop), Arc::clone(&installation.people));
        let address = panel.address;
        std::thread::spawn(move || {
            let mut count = 0;
            let mut due = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                due += Duration::from_secs(1) / SIGN_INS;
                let name = &people[count as usize % people.len()].name;
                let body = format!(r#"{{"user":"{name}","password":"{PASSWORD}"}}"#);
                // Each from an address of its own, so that the limit of guesses is not met.
                let from = format!("10.1.{}.{}", count / 250, count % 250 + 1);
                let headers = [("x-forwarded-for", from.as_str())];
                let sign_in = request("POST", "/api/auth/login", &headers, Some(&body));
                let answer = Connection::open(address).and_then(|mut open| open.ask(&sign_in));
                if answer.is_ok_and(|answer| answer.status == 200) {
                    count += 1;
                }
            }
            count
        })
    };
    let changes = super::changes::Changes::start(panel.address, &installation.people, 50);
    let mut loaded: f64 = 0.0;
    let turn = wait.min(Duration::from_secs(5));
    let begun = Instant::now();
    for endpoint in Endpoint::ALL.iter().cycle() {
        if begun.elapsed() >= wait {
            break;
        }
        let load = Load {
            address: panel.address,
            requests: &super::pairs::requests(installation, *endpoint),
            connections: CONNECTIONS,
            warm_up: Duration::ZERO,
            time: turn,
        };
        let counted = client::run(&load)?;
        if let Some(failure) = counted.first_failure {
            return Err(format!("under load: {failure}").into());
        }
        loaded = loaded.max(panel.resident_mib()?);
    }
    drop(changes);
    stop.store(true, Ordering::Relaxed);
    let sign_ins = signing_in.join().map_err(|_| "signing in panicked")?;
    std::thread::sleep(wait);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a program has far less than 2^52 bytes"
    )]
    let bytes = std::fs::metadata(&installation.programs.server)?.len() as f64;
    Ok(Memory {
        idle,
        loaded,
        after: panel.resident_mib()?,
        seconds: wait.as_secs(),
        sign_ins,
        start_up_ms: super::pairs::median(starts),
        binary_mib: bytes / 1024.0 / 1024.0,
    })
}

impl Memory {
    /// A line for people.
    pub(crate) fn line(&self) -> String {
        format!(
            "memory: {:.1} MiB after {} s of rest, {:.1} MiB under load ({} sign-ins), {:.1} MiB {} s later; ready in {:.0} ms; \
             the program is {:.1} MiB",
            self.idle,
            self.seconds,
            self.loaded,
            self.sign_ins,
            self.after,
            self.seconds,
            self.start_up_ms,
            self.binary_mib,
        )
    }
}
