//! Changes through the API, at a steady rate, while something else is measured.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::data::Person;
use super::http::{Connection, request};

/// Threads that make changes; each waits for its answer before the next.
const THREADS: u32 = 10;

/// Changes under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Changes {
    stop: Arc<AtomicBool>,
    paused: Arc<AtomicBool>,
    made: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Changes {
    /// Starts to make `per_second` changes: profiles and names of servers in turn, of one user after the other.
    pub(crate) fn start(address: SocketAddr, people: &Arc<Vec<Person>>, per_second: u32) -> Self {
        let mut changes = Self {
            stop: Arc::default(),
            paused: Arc::default(),
            made: Arc::default(),
            failed: Arc::default(),
            threads: Vec::new(),
        };
        for number in 0..THREADS.min(per_second) {
            let every = Duration::from_secs(1) * THREADS / per_second;
            let (stop, made) = (Arc::clone(&changes.stop), Arc::clone(&changes.made));
            let (failed, people) = (Arc::clone(&changes.failed), Arc::clone(people));
            let paused = Arc::clone(&changes.paused);
            let run = move || {
                // Spread over the period, so that they do not come in bursts.
                let mut due = Instant::now() + every * number / THREADS;
                let mut connection = None;
                let mut turn = u64::from(number);
                while !stop.load(Ordering::Relaxed) {
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    due += every;
                    if paused.load(Ordering::Relaxed) {
                        continue;
                    }
                    turn += u64::from(THREADS);
                    match change(&mut connection, address, &people, turn) {
                        Ok(()) => made.fetch_add(1, Ordering::Relaxed),
                        Err(_) => failed.fetch_add(1, Ordering::Relaxed),
                    };
                }
            };
            changes.threads.push(std::thread::spawn(run));
        }
        changes
    }

    /// Makes no more for now.
    pub(crate) fn pause(&self) {
        self.paused.store(true, Ordering::Relaxed);
    }

    /// Makes changes again.
    pub(crate) fn go_on(&self) {
        self.paused.store(false, Ordering::Relaxed);
    }

    /// How many were made and how many failed so far.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (
            self.made.load(Ordering::Relaxed),
            self.failed.load(Ordering::Relaxed),
        )
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // Its panic has been printed already.
            thread.join().ok();
        }
    }
}

fn change(
    connection: &mut Option<Connection>,
    address: SocketAddr,
    people: &[Person],
    turn: u64,
) -> io::Result<()> {
    let index = usize::try_from(turn).unwrap_or(0) * 7 % people.len().max(1);
    let person = people.get(index).ok_or(io::ErrorKind::NotFound)?;
    let cookie = format!("roost_session={}", person.session);
    let headers = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let request = if turn.is_multiple_of(2) {
        let body = format!(r#"{{"name_first":"Given {turn}"}}"#);
        request("PATCH", "/api/client/account", &headers, Some(&body))
    } else {
        let server = person.servers.first().ok_or(io::ErrorKind::NotFound)?;
        let path = format!("/api/client/servers/{server}/settings/rename");
        let body = format!(r#"{{"name":"Server {turn}","description":null}}"#);
        request("POST", &path, &headers, Some(&body))
    };
    let open = match connection.take() {
        Some(open) => connection.insert(open),
        None => connection.insert(Connection::open(address)?),
    };
    match open.ask(&request) {
        Ok(answer) if answer.status == 200 => Ok(()),
        Ok(answer) => Err(io::Error::other(format!("status {}", answer.status))),
        Err(error) => {
            *connection = None;
            Err(error)
        }
    }
}
