//! What came of a walk.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use serde::Serialize;

use crate::Outcome;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// As it should.
    Passed,
    /// Otherwise.
    Failed,
    /// Not tried, because a step failed that it builds on.
    Skipped,
}

/// A step and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Walked {
    /// The step.
    pub step: &'static str,
    /// How it ended.
    pub outcome: Ending,
    /// What it took.
    pub seconds: f64,
    /// Why it failed.
    pub error: Option<String>,
}

/// All steps on the daemons of one flavour.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Which daemons.
    pub flavour: String,
    /// In their order.
    pub steps: Vec<Walked>,
}

impl Walked {
    pub(super) fn new(step: &'static str, done: Outcome, took: Duration) -> Self {
        let error = done.err().map(|error| error.to_string());
        Self {
            step,
            outcome: if error.is_none() {
                Ending::Passed
            } else {
                Ending::Failed
            },
            seconds: took.as_secs_f64(),
            error,
        }
    }

    pub(super) const fn skipped(step: &'static str) -> Self {
        Self {
            step,
            outcome: Ending::Skipped,
            seconds: 0.0,
            error: None,
        }
    }
}

impl Report {
    pub(super) fn new(flavour: &str) -> Self {
        Self {
            flavour: flavour.to_owned(),
            steps: Vec::new(),
        }
    }

    /// Whether every step worked. A walk without steps has shown nothing.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|s| s.outcome == Ending::Passed)
    }
}

impl Display for Walked {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Ending::Passed => "passed",
            Ending::Failed => "failed",
            Ending::Skipped => "skipped",
        };
        write!(
            formatter,
            "{:<14} {outcome:<8} {:>8.1}",
            self.step, self.seconds
        )?;
        match &self.error {
            Some(error) => write!(formatter, "  {error}"),
            None => Ok(()),
        }
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n{}", self.flavour)?;
        writeln!(
            formatter,
            "{:<14} {:<8} {:>8}",
            "step", "outcome", "seconds"
        )?;
        for step in &self.steps {
            writeln!(formatter, "{step}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_passes_when_every_step_did() {
        let mut report = Report::new("pelican");
        assert!(!report.passed(), "nothing was shown");
        report
            .steps
            .push(Walked::new("create", Ok(()), Duration::from_millis(1500)));
        assert!(report.passed());
        report.steps.push(Walked::skipped("install"));
        assert!(!report.passed());
    }

    #[test]
    fn the_table_tells_why_a_step_failed() {
        let mut report = Report::new("pelican");
        report
            .steps
            .push(Walked::new("create", Ok(()), Duration::from_millis(1500)));
        report.steps.push(Walked::new(
            "install",
            Err("it did not".into()),
            Duration::from_secs(60),
        ));
        report.steps.push(Walked::skipped("start"));
        let table = report.to_string();
        let lines: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "pelican",
                "step           outcome   seconds",
                "create         passed        1.5",
                "install        failed       60.0  it did not",
                "start          skipped       0.0",
            ]
        );
    }
}
