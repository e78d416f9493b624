//! One server's life on a daemon, walked through the panel: made, installed, started, talked to, saved, moved, suspended, deleted.
//!
//! The daemons run already and the panel knows their nodes; whether they are real or simulated makes no difference here.

mod console;
mod egg;
mod life;
mod report;

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::client::Client;

pub(crate) use life::{Life, Step};

pub use report::{Ending, Report, Walked};

/// Where to walk.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The panel's address.
    pub panel: String,
    /// An administrator.
    pub username: String,
    /// Their password, and that of the account that is made to own the server.
    pub password: String,
    /// The server is made on the first and moves to the second.
    pub nodes: [String; 2],
    /// What the report calls the daemons.
    pub flavour: String,
    /// Image in which the server is installed and run.
    pub image: String,
    /// How long one step may take.
    pub patience: Duration,
}

/// Walks all steps in order; `tell` gets a line for each. One that fails is told in the report and the next one is tried, as long as there is an installed server.
///
/// # Errors
/// The panel does not let the walk begin.
pub async fn run(plan: &Plan, tell: impl Fn(&str)) -> Outcome<Report> {
    let admin = Client::new(&plan.panel, plan.patience)?;
    let mut life = Life::prepare(plan, admin).await?;
    let mut report = Report::new(&plan.flavour);
    let mut lost = false;
    for step in Step::ALL {
        if lost {
            report.steps.push(Walked::skipped(step.name()));
            continue;
        }
        let begun = Instant::now();
        let done = match tokio::time::timeout(plan.patience, life.take(step)).await {
            Ok(done) => done,
            Err(_) => Err(format!(
                "not done in {} s{}",
                plan.patience.as_secs(),
                life.waiting_for()
            )
            .into()),
        };
        lost = done.is_err() && step.is_needed();
        let walked = Walked::new(step.name(), done, begun.elapsed());
        tell(&walked.to_string());
        report.steps.push(walked);
    }
    Ok(report)
}
