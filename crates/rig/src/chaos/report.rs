//! What a run says in the end.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::Run;
use super::faults::Injected;
use super::history::Finding;

/// Shown of each kind of finding.
const SHOWN: usize = 10;

/// The result of a run, for people and as JSON.
#[derive(Debug, Serialize)]
pub struct Report {
    seconds: f64,
    seed: u64,
    acknowledged_writes: u64,
    refused_writes: u64,
    writes_in_doubt: u64,
    reads: u64,
    /// How many faults were injected.
    faults: usize,
    lost_writes: usize,
    stuck_operations: usize,
    duplicate_effects: usize,
    stale_own_reads: usize,
    late_revocations: usize,
    errors_outside_faults: usize,
    missing_retry_after: usize,
    /// The longest that somebody waited for a 503 of the panel.
    slowest_refusal_seconds: f64,
    audit_gaps: usize,
    orphans: usize,
    broken_limits: usize,
    leaked_secrets: usize,
    leaks: usize,
    slow_recoveries: usize,
    /// By fault: how often, and its worst recovery.
    recovery: BTreeMap<String, Recovery>,
    /// Examples of everything that went against a promise.
    findings: BTreeMap<Finding, Vec<String>>,
}

/// How one kind of fault went.
#[derive(Debug, Clone, Default, Serialize)]
struct Recovery {
    times: usize,
    /// Nothing when once it was not seen.
    worst_seconds: Option<f64>,
    bound_seconds: f64,
}

impl Report {
    pub(super) fn new(run: &Run, faults: Vec<Injected>) -> Self {
        let findings = run.history.findings();
        let count = |finding: Finding| findings.get(&finding).map_or(0, |(count, _)| *count);
        let sums = run.history.sums();
        let mut recovery: BTreeMap<String, Recovery> = BTreeMap::new();
        for fault in &faults {
            let entry = recovery
                .entry(fault.fault.clone())
                .or_insert_with(|| Recovery {
                    times: 0,
                    worst_seconds: Some(0.0),
                    bound_seconds: fault.bound_seconds,
                });
            entry.times += 1;
            let worst = entry.worst_seconds.zip(fault.recovery_seconds);
            entry.worst_seconds = worst.map(|(worst, this)| worst.max(this));
        }
        Self {
            seconds: run.history.seconds(),
            seed: run.seed,
            acknowledged_writes: sums.acknowledged,
            refused_writes: sums.refused,
            writes_in_doubt: sums.in_doubt,
            reads: sums.reads,
            faults: faults.len(),
            lost_writes: count(Finding::LostWrite),
            stuck_operations: count(Finding::StuckOperation),
            duplicate_effects: count(Finding::DuplicateEffect),
            stale_own_reads: count(Finding::StaleOwnRead),
            late_revocations: count(Finding::LateRevocation),
            errors_outside_faults: count(Finding::ErrorOutsideFault),
            missing_retry_after: count(Finding::MissingRetryAfter),
            slowest_refusal_seconds: run.history.slowest_refusal().as_secs_f64(),
            audit_gaps: count(Finding::AuditGap),
            orphans: count(Finding::Orphan),
            broken_limits: count(Finding::BrokenLimit),
            leaked_secrets: count(Finding::LeakedSecret),
            leaks: count(Finding::Leak),
            slow_recoveries: count(Finding::SlowRecovery),
            recovery,
            findings: findings
                .into_iter()
                .map(|(finding, (_, examples))| (finding, examples))
                .collect(),
        }
    }

    /// Whether every promise was kept, and there was something to keep.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.acknowledged_writes > 0 && self.faults > 0
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for (finding, examples) in &self.findings {
            for example in examples.iter().take(SHOWN) {
                writeln!(formatter, "{finding:?}: {example}")?;
            }
        }
        let width = self.recovery.keys().map(String::len).max().unwrap_or(0);
        writeln!(
            formatter,
            "\n{:width$}  times  worst recovery   bound",
            "fault"
        )?;
        for (fault, recovery) in &self.recovery {
            let worst = recovery
                .worst_seconds
                .map_or("not seen".to_owned(), |worst| format!("{worst:.1} s"));
            writeln!(
                formatter,
                "{fault:width$}  {:>5}  {worst:>14}  {:>4.0} s",
                recovery.times, recovery.bound_seconds
            )?;
        }
        writeln!(formatter)?;
        for (what, count) in [
            ("acknowledged writes", self.acknowledged_writes),
            ("refused writes", self.refused_writes),
            ("writes in doubt", self.writes_in_doubt),
            ("reads", self.reads),
        ] {
            writeln!(formatter, "{what:22} {count:>8}")?;
        }
        for (what, count) in [
            ("faults injected", self.faults),
            ("lost writes", self.lost_writes),
            ("stuck operations", self.stuck_operations),
            ("duplicate effects", self.duplicate_effects),
            ("stale own reads", self.stale_own_reads),
            ("late revocations", self.late_revocations),
            ("errors outside faults", self.errors_outside_faults),
            ("503 without a time", self.missing_retry_after),
            ("gaps in the log", self.audit_gaps),
            ("orphans on nodes", self.orphans),
            ("broken limits", self.broken_limits),
            ("leaked secrets", self.leaked_secrets),
            ("leaks", self.leaks),
            ("slow recoveries", self.slow_recoveries),
        ] {
            writeln!(formatter, "{what:22} {count:>8}")?;
        }
        writeln!(
            formatter,
            "{:22} {:>6.1} s",
            "slowest 503", self.slowest_refusal_seconds
        )
    }
}
