//! A working topology under faults: a workload with a history, a schedule that breaks every part in turn, and at the end the question
//! whether everything that was promised is so.

mod faults;
mod history;
mod oracle;
mod report;
mod session;
mod workload;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::client::Client;
use crate::topology::{self, Topology};

use history::History;
use session::Numbers;
use workload::Promises;

pub use report::Report;

/// A rule that can be switched off, to see that the run would notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sabotage {
    /// Changes are answered before they are kept.
    LostWrite,
    /// What a reader has written is not looked at when a database is chosen for him.
    StaleRead,
    /// A call that may be made once at most is made again when its answer is lost.
    DoubleEffect,
    /// Revocations are not looked at.
    LateRevocation,
}

impl Sabotage {
    /// Its name, as the programs know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LostWrite => "lost-write",
            Self::StaleRead => "stale-read",
            Self::DoubleEffect => "double-effect",
            Self::LateRevocation => "late-revocation",
        }
    }
}

/// What to run.
#[derive(Debug)]
pub struct Options {
    /// The topology.
    pub topology: topology::Options,
    /// How long faults are injected.
    pub time: Duration,
    /// Decides the order of the faults.
    pub seed: u64,
    /// The rule that is switched off.
    pub sabotage: Option<Sabotage>,
    /// Gets a line whenever something begins or ends.
    pub tell: fn(&str),
}

/// What actors, faults and the oracle share.
#[derive(Debug)]
struct Run {
    topology: Topology,
    /// For probes; nobody in particular.
    client: Client,
    history: History,
    numbers: Numbers,
    /// Whether the panel accepts `Idempotency-Key`.
    knows_keys: bool,
    /// How many users write.
    writers: usize,
    seed: u64,
    /// By the database's clock, as it writes it.
    began_at: String,
    tell: fn(&str),
    over: AtomicBool,
    /// What must not stand in any log.
    secrets: Mutex<Vec<String>>,
}

impl Run {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn next_key(&self) -> String {
        format!("chaos-{}-{}", self.seed, self.numbers.next())
    }

    fn secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, what: &str) {
        (self.tell)(&format!("{:7.1} s  {what}", self.history.seconds()));
    }
}

/// How often the sabotaged rule is named to the programs, which know it in debug builds only.
const SABOTAGE: &str = "ROOST_SABOTAGE";
/// Users with a server whose values are written; two more only read.
const WRITERS: usize = 4;

/// Starts a topology, works and breaks it for the time, and judges.
///
/// # Errors
/// The topology does not start, or cannot be asked at the end. What the panel does wrong is no error but in the report.
pub async fn run(mut options: Options) -> Outcome<Report> {
    options.topology.users = WRITERS + 1;
    if let Some(sabotage) = options.sabotage {
        let rule = (SABOTAGE.to_owned(), sabotage.name().to_owned());
        options.topology.environment.push(rule);
    }
    (options.tell)("starting three regions");
    let topology = Topology::start(options.topology).await?;
    let file: PathBuf = topology.folder().join("history.jsonl");
    let document = topology.client()?.get("/openapi.json").await?;
    let world = topology.world();
    let secrets = std::iter::once(&world.admin).chain(&world.users);
    let secrets = secrets
        .flat_map(|account| [account.password.clone(), account.api_key.clone()])
        .chain([topology::encryption_key().to_owned()])
        .collect();
    let began_at = oracle::clock(&topology).await?;
    let run = Arc::new(Run {
        began_at,
        client: topology.client()?,
        history: History::new(&file)?,
        numbers: Numbers::default(),
        knows_keys: document.to_string().contains("Idempotency-Key"),
        writers: WRITERS,
        seed: options.seed,
        tell: options.tell,
        over: AtomicBool::new(false),
        secrets: Mutex::new(secrets),
        topology,
    });
    run.say("working");
    let baseline = oracle::resources(&run).await?;
    let mut actors = workload::start(&run).await?;
    let faults = faults::inject(&run, Instant::now() + options.time).await;
    run.over.store(true, Ordering::Relaxed);
    run.say("ending the work");
    let mut promises = Promises::default();
    while let Some(done) = actors.join_next().await {
        promises.add(done?);
    }
    let faults = faults?;
    run.topology.heal().await?;
    run.say("looking whether everything that was promised is so");
    oracle::judge(&run, &promises, &baseline).await?;
    run.history.judge_failures();
    let report = Report::new(&run, faults);
    let run = Arc::into_inner(run).ok_or("an actor of the run has not ended")?;
    tokio::task::spawn_blocking(move || drop(run)).await?;
    Ok(report)
}
