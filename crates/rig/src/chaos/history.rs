//! What was asked, when, and what came of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::Outcome;

/// How long after a fault ended an answer may still show it.
const AFTERMATH: Duration = Duration::from_secs(5);
/// Of each kind of finding; a broken panel would fill the disk.
const KEPT: usize = 50;

/// What became of a change that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// Answered 2xx: it must never be lost.
    Acknowledged,
    /// Answered 4xx: it must not have happened.
    Refused,
    /// Answered 5xx, or not at all: it may have happened.
    InDoubt,
}

/// What went against a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Finding {
    /// An acknowledged change is not there.
    LostWrite,
    /// An operation has not come to an end.
    StuckOperation,
    /// Something happened on a node more often than it was asked for, or without being asked for.
    DuplicateEffect,
    /// A reader did not see what he had written.
    StaleOwnRead,
    /// A credential was honoured a second after its revocation was answered.
    LateRevocation,
    /// A 5xx, or no answer, while nothing was broken.
    ErrorOutsideFault,
    /// A 503 that does not say when to come again.
    MissingRetryAfter,
    /// An acknowledged change without its entry in the log, or the other way round.
    AuditGap,
    /// A server that a node has and the panel does not, or the other way round.
    Orphan,
    /// A limit was exceeded, or an address has two servers or none that exists.
    BrokenLimit,
    /// A secret stands in a log.
    LeakedSecret,
    /// Connections or file handles that were not given back.
    Leak,
    /// It took too long to be as before.
    SlowRecovery,
}

/// One line of the history.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    /// Milliseconds since the run began.
    start: u128,
    end: u128,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fate: Option<Fate>,
}

/// A time in which something was broken on purpose.
#[derive(Debug, Clone)]
struct Window {
    from: Instant,
    to: Option<Instant>,
    /// Whether requests may fail in it.
    excuses: bool,
}

/// A failed request, to be judged when all windows are known.
#[derive(Debug, Clone)]
struct Failed {
    from: Instant,
    to: Instant,
    what: String,
}

#[derive(Debug, Default)]
struct Inner {
    windows: Vec<Window>,
    failed: Vec<Failed>,
    findings: BTreeMap<Finding, (usize, Vec<String>)>,
    acknowledged: u64,
    refused: u64,
    in_doubt: u64,
    reads: u64,
    /// The longest that somebody waited for a 503 of the panel.
    slowest_refusal: Duration,
    /// Acknowledged and attempted changes by the name that the log has for them, and by who made them.
    changes: BTreeMap<(String, String), (u64, u64)>,
}

/// The history of one run.
#[derive(Debug)]
pub(crate) struct History {
    began: Instant,
    file: Mutex<BufWriter<File>>,
    inner: Mutex<Inner>,
}

/// How many changes of one kind one user made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) event: String,
    pub(crate) user: String,
    pub(crate) acknowledged: u64,
    pub(crate) attempted: u64,
}

/// The sums at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sums {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) in_doubt: u64,
    pub(crate) reads: u64,
}

impl History {
    pub(crate) fn new(file: &Path) -> Outcome<Self> {
        Ok(Self {
            began: Instant::now(),
            file: Mutex::new(BufWriter::new(File::create(file)?)),
            inner: Mutex::default(),
        })
    }

    /// A read was answered, or not (no status).
    pub(crate) fn read(&self, what: &str, from: Instant, status: Option<u16>) {
        self.write(what, from, status, None);
        let mut inner = self.inner();
        inner.reads += 1;
        inner.judge(what, from, status);
    }

    /// A change by `user` was answered, or not (no status). `event` is the log's name of it, where it has one entry per change.
    pub(crate) fn change(
        &self,
        what: &str,
        event: Option<(&str, &str)>,
        from: Instant,
        status: Option<u16>,
    ) -> Fate {
        let fate = match status {
            Some(200..300) => Fate::Acknowledged,
            Some(400..500) => Fate::Refused,
            _ => Fate::InDoubt,
        };
        self.write(what, from, status, Some(fate));
        let mut inner = self.inner();
        match fate {
            Fate::Acknowledged => inner.acknowledged += 1,
            Fate::Refused => inner.refused += 1,
            Fate::InDoubt => inner.in_doubt += 1,
        }
        if let Some((event, user)) = event {
            let key = (event.to_owned(), user.to_owned());
            let (acknowledged, attempted) = inner.changes.entry(key).or_default();
            *acknowledged += u64::from(fate == Fate::Acknowledged);
            *attempted += u64::from(fate != Fate::Refused);
        }
        inner.judge(what, from, status);
        fate
    }

    /// The panel answered 503, not the balancer.
    pub(crate) fn unavailable(&self, what: &str, from: Instant, says_when: bool) {
        let mut inner = self.inner();
        inner.slowest_refusal = inner.slowest_refusal.max(from.elapsed());
        if !says_when {
            let text = format!("{what} was answered 503 without Retry-After");
            inner.found(Finding::MissingRetryAfter, text);
        }
    }

    pub(crate) fn slowest_refusal(&self) -> Duration {
        self.inner().slowest_refusal
    }

    /// Something went against a promise.
    pub(crate) fn found(&self, finding: Finding, what: String) {
        self.inner().found(finding, what);
    }

    /// From now on something is broken; `excuses` when requests may fail by it. Gives what ends it.
    pub(crate) fn open_window(&self, excuses: bool) -> usize {
        let mut inner = self.inner();
        inner.windows.push(Window {
            from: Instant::now(),
            to: None,
            excuses,
        });
        inner.windows.len() - 1
    }

    pub(crate) fn close_window(&self, window: usize) {
        if let Some(window) = self.inner().windows.get_mut(window) {
            window.to = Some(Instant::now());
        }
    }

    /// Turns every failed request that no fault excuses into a finding.
    pub(crate) fn judge_failures(&self) {
        let mut inner = self.inner();
        let failed = std::mem::take(&mut inner.failed);
        for Failed { from, to, what } in failed {
            let excused = inner.windows.iter().any(|window| {
                let end = window.to.unwrap_or(to) + AFTERMATH;
                window.excuses && from <= end && to >= window.from
            });
            if !excused {
                let at = (to - self.began).as_secs_f64();
                inner.found(Finding::ErrorOutsideFault, format!("{at:.1} s: {what}"));
            }
        }
    }

    pub(crate) fn sums(&self) -> Sums {
        let inner = self.inner();
        Sums {
            acknowledged: inner.acknowledged,
            refused: inner.refused,
            in_doubt: inner.in_doubt,
            reads: inner.reads,
        }
    }

    pub(crate) fn changes(&self) -> Vec<Changes> {
        let inner = self.inner();
        let changes = inner.changes.iter();
        changes
            .map(|((event, user), (acknowledged, attempted))| Changes {
                event: event.clone(),
                user: user.clone(),
                acknowledged: *acknowledged,
                attempted: *attempted,
            })
            .collect()
    }

    /// How often each promise was broken, with examples.
    pub(crate) fn findings(&self) -> BTreeMap<Finding, (usize, Vec<String>)> {
        self.inner().findings.clone()
    }

    /// Seconds since the run began.
    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn write(&self, what: &str, from: Instant, status: Option<u16>, fate: Option<Fate>) {
        let entry = Entry {
            start: (from - self.began).as_millis(),
            end: self.began.elapsed().as_millis(),
            what,
            status,
            fate,
        };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // The history is for reading afterwards; the run does not end because the disk is full.
        if let Ok(line) = serde_json::to_string(&entry) {
            writeln!(file, "{line}").ok();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn judge(&mut self, what: &str, from: Instant, status: Option<u16>) {
        if status.is_some_and(|status| status < 500) {
            return;
        }
        let answer = status.map_or("no answer".to_owned(), |status| status.to_string());
        self.failed.push(Failed {
            from,
            to: Instant::now(),
            what: format!("{what}: {answer}"),
        });
    }

    fn found(&mut self, finding: Finding, what: String) {
        let (count, examples) = self.findings.entry(finding).or_default();
        *count += 1;
        if examples.len() < KEPT {
            examples.push(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> (tempfile::TempDir, History) {
        let folder = tempfile::tempdir().unwrap();
        let history = History::new(&folder.path().join("history.jsonl")).unwrap();
        (folder, history)
    }

    #[test]
    fn only_what_fails_in_a_window_is_excused() {
        let (_folder, history) = history();
        history.read(
            "before",
            Instant::now() - Duration::from_secs(20),
            Some(200),
        );
        let window = history.open_window(true);
        history.read("during", Instant::now(), Some(503));
        history.close_window(window);
        history.read("aftermath", Instant::now(), None);
        history.judge_failures();
        assert!(history.findings().is_empty());

        let (_folder, history) = self::history();
        let window = history.open_window(false);
        history.read(
            "in a fault that nobody may notice",
            Instant::now(),
            Some(502),
        );
        history.close_window(window);
        history.judge_failures();
        assert_eq!(history.findings()[&Finding::ErrorOutsideFault].0, 1);
    }

    #[test]
    fn fates_are_counted() {
        let (_folder, history) = history();
        let event = Some(("user:update", "somebody"));
        for (status, fate) in [
            (Some(200), Fate::Acknowledged),
            (Some(409), Fate::Refused),
            (Some(503), Fate::InDoubt),
            (None, Fate::InDoubt),
        ] {
            assert_eq!(
                history.change("change", event, Instant::now(), status),
                fate
            );
        }
        let changes = history.changes();
        assert_eq!((changes[0].acknowledged, changes[0].attempted), (1, 3));
    }
}
