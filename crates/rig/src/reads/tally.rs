//! What was counted, and whether it is good enough.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::client::Answer;
use crate::topology::Region;

/// The header in which a panel says where its readings went.
const READS_HEADER: &str = "x-reads";

/// The least share of the bystanders' readings that replicas and caches have to answer.
const LEAST_OFFLOADED: f64 = 0.95;

/// How many stale answers are shown.
const MOST_EXAMPLES: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Report>);

/// What a run found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Loops that were done.
    pub loops: u64,
    /// Readings by those who had written.
    pub own_reads: u64,
    /// Those of them without the own write.
    pub stale_own_reads: u64,
    /// Those of them that were answered with an error of the panel's.
    pub failed_reads: u64,
    /// Readings by those whose share had been ended a second before.
    pub revoked_reads: u64,
    /// Those of them that were let in.
    pub late_revocations: u64,
    /// Where the readings of those who had written nothing went, and why: `replica=fresh`.
    pub bystander_reads: BTreeMap<String, u64>,
    /// The share of those that a replica or a cache answered, by region.
    pub offloaded_by_region: BTreeMap<String, f64>,
    /// The same over all regions.
    pub offloaded: f64,
    /// Some of what was stale.
    pub examples: Vec<String>,
    #[serde(skip)]
    counts: BTreeMap<&'static str, [u64; 2]>,
}

impl Report {
    /// What was missed, if anything was.
    #[must_use]
    pub fn misses(&self) -> Vec<String> {
        let mut misses = Vec::new();
        let mut miss = |bad: bool, what: String| {
            if bad {
                misses.push(what);
            }
        };
        miss(
            self.stale_own_reads > 0,
            format!(
                "{} readings without the reader's own write",
                self.stale_own_reads
            ),
        );
        miss(
            self.late_revocations > 0,
            format!(
                "{} readings by somebody who had been shut out",
                self.late_revocations
            ),
        );
        miss(
            self.failed_reads > 0,
            format!("{} readings failed", self.failed_reads),
        );
        miss(
            self.offloaded < LEAST_OFFLOADED,
            format!(
                "only {:.1} % of the bystanders' readings came from a replica or a cache",
                self.offloaded * 100.0
            ),
        );
        misses
    }
}

impl Tally {
    pub(super) fn loop_done(&self) {
        self.report().loops += 1;
    }

    pub(super) fn own_read(&self, what: &'static str, answer: &Answer, is_own: bool) {
        let mut report = self.report();
        report.own_reads += 1;
        if answer.status >= 500 {
            report.failed_reads += 1;
        } else if !is_own {
            report.stale_own_reads += 1;
            if report.examples.len() < MOST_EXAMPLES {
                let reads = reads(answer).unwrap_or_default();
                let example = format!("{what}: {} ({reads}) {}", answer.status, answer.body);
                report.examples.push(example);
            }
        }
    }

    pub(super) fn revoked_read(&self, answer: &Answer) {
        let mut report = self.report();
        report.revoked_reads += 1;
        report.late_revocations += u64::from(answer.is_success());
        report.failed_reads += u64::from(answer.status >= 500);
    }

    pub(super) fn bystander_read(&self, region: Region, answer: &Answer) {
        self.count(Some(region), answer);
    }

    pub(super) fn bystander_read_anywhere(&self, answer: &Answer) {
        self.count(None, answer);
    }

    fn count(&self, region: Option<Region>, answer: &Answer) {
        let mut report = self.report();
        report.failed_reads += u64::from(answer.status >= 500);
        let Some(reads) = reads(answer) else { return };
        for read in reads.split(", ").filter(|read| !read.is_empty()) {
            *report.bystander_reads.entry(read.to_owned()).or_default() += 1;
            let offloaded = !read.starts_with("primary=");
            for of in [Some("all"), region.map(Region::name)]
                .into_iter()
                .flatten()
            {
                let counts = report.counts.entry(of).or_default();
                counts[usize::from(offloaded)] += 1;
            }
        }
    }

    pub(super) fn report(&self) -> MutexGuard<'_, Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn finish(&self) -> Report {
        let mut report = self.report().clone();
        for (of, [primary, elsewhere]) in std::mem::take(&mut report.counts) {
            let share = share(elsewhere, primary + elsewhere);
            if of == "all" {
                report.offloaded = share;
            } else {
                report.offloaded_by_region.insert(of.to_owned(), share);
            }
        }
        report
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of some millions")]
fn share(part: u64, all: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        part as f64 / all as f64
    }
}

fn reads(answer: &Answer) -> Option<&str> {
    answer.headers.get(READS_HEADER)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, reads: &'static str) -> Answer {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(
            READS_HEADER,
            reqwest::header::HeaderValue::from_static(reads),
        );
        Answer {
            status,
            headers,
            body: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_single_stale_reading_is_a_miss() {
        let tally = Tally::default();
        tally.bystander_read(Region::B, &answer(200, "cache=credential, replica=fresh"));
        tally.own_read("item", &answer(200, "primary=behind"), true);
        assert!(tally.finish().misses().is_empty());
        tally.own_read("item", &answer(200, "replica=fresh"), false);
        tally.revoked_read(&answer(200, ""));
        let report = tally.finish();
        assert_eq!((report.stale_own_reads, report.late_revocations), (1, 1));
        assert_eq!(report.misses().len(), 2);
    }

    #[test]
    fn readings_that_go_to_the_primary_are_a_miss_when_there_are_many() {
        let tally = Tally::default();
        tally.bystander_read(
            Region::A,
            &answer(200, "cache=credential, primary=no_replica"),
        );
        let report = tally.finish();
        assert!((report.offloaded - 0.5).abs() < f64::EPSILON);
        assert_eq!(report.misses().len(), 1);
    }
}
