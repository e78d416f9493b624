//! What came of passing a file on.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

/// Growth that is too much: what kernels and the panel have under way is far less, a file is far more.
const BOUND_MIB: f64 = 32.0;

/// One way of the file.
#[derive(Debug, Clone, Serialize)]
pub struct Passage {
    /// Which.
    pub name: &'static str,
    /// What it took.
    pub seconds: f64,
    /// The most that the panel held meanwhile.
    pub peak_mib: f64,
    /// How often that was looked at.
    pub samples: u64,
}

/// Both ways.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Bytes of the file.
    pub size: u64,
    /// What the panel held before.
    pub base_mib: f64,
    /// The most that it held.
    pub peak_mib: f64,
    /// The difference.
    pub growth_mib: f64,
    /// What the growth must stay below.
    pub bound_mib: f64,
    /// Each way.
    pub passages: Vec<Passage>,
}

impl Report {
    pub(super) fn new(base_mib: f64, size: u64, passages: Vec<Passage>) -> Self {
        let peak_mib = passages
            .iter()
            .map(|passage| passage.peak_mib)
            .fold(base_mib, f64::max);
        Self {
            size,
            base_mib,
            peak_mib,
            growth_mib: peak_mib - base_mib,
            bound_mib: BOUND_MIB,
            passages,
        }
    }

    /// Whether the panel's memory stayed where it should. One whose memory nobody looked at has shown nothing.
    #[must_use]
    pub fn is_within_bound(&self) -> bool {
        let looked_at = |passage: &Passage| passage.samples > 0;
        !self.passages.is_empty()
            && self.passages.iter().all(looked_at)
            && self.growth_mib < self.bound_mib
    }
}

impl Display for Passage {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:<10} {:>8.1} s   peak {:>7.1} MiB in {} samples",
            self.name, self.seconds, self.peak_mib, self.samples
        )
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "\nbase {:.1} MiB, peak {:.1} MiB, growth {:.1} MiB (less than {} MiB wanted)",
            self.base_mib, self.peak_mib, self.growth_mib, self.bound_mib
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(peak_mib: f64) -> Passage {
        Passage {
            name: "download",
            seconds: 1.0,
            peak_mib,
            samples: 10,
        }
    }

    #[test]
    fn the_largest_peak_of_both_ways_counts() {
        let report = Report::new(30.0, 1, vec![passage(61.0), passage(40.0)]);
        assert!(report.is_within_bound());
        assert!(report.to_string().contains("growth 31.0 MiB"));
        assert!(!Report::new(30.0, 1, vec![passage(40.0), passage(62.0)]).is_within_bound());
    }

    #[test]
    fn what_nobody_looked_at_is_no_result() {
        assert!(!Report::new(30.0, 1, Vec::new()).is_within_bound());
        let unseen = Passage {
            samples: 0,
            ..passage(30.0)
        };
        assert!(!Report::new(30.0, 1, vec![unseen]).is_within_bound());
    }
}
