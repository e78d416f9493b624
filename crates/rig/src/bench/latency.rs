//! How long answers took, in buckets that grow by an eighth.

use std::time::Duration;

/// Buckets per doubling of the time.
const STEPS: usize = 8;
/// From a microsecond to a bit more than an hour.
const BUCKETS: usize = 32 * STEPS;

/// A histogram that costs one increment per value.
#[derive(Debug, Clone)]
pub(crate) struct Latencies {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
        }
    }
}

impl Latencies {
    /// Counts one answer.
    pub(crate) fn record(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
        let doubling = micros.ilog2() as usize;
        // The part of the way to the next doubling, in eighths.
        let step = ((micros << 3 >> doubling) & 7) as usize;
        let bucket = (doubling * STEPS + step).min(BUCKETS - 1);
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// Counts everything that `other` counted.
    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// The time that the share `quantile` (0 to 1) of the answers did not exceed, rounded up to the end of its bucket.
    pub(crate) fn quantile(&self, quantile: f64) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts stay far below 2^52, and the share is between 0 and 1"
        )]
        let wanted = (self.total as f64 * quantile).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted.max(1) {
                let end = (1 << (bucket / STEPS)) * (STEPS + bucket % STEPS + 1) / STEPS;
                return Duration::from_micros(u64::try_from(end).unwrap_or(u64::MAX));
            }
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_an_eighth() {
        let mut latencies = Latencies::default();
        for micros in 1..=1000 {
            latencies.record(Duration::from_micros(micros));
        }
        for (quantile, exact) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = latencies.quantile(quantile).as_secs_f64() * 1e6;
            assert!(
                found >= exact && found <= exact * 1.15,
                "{quantile}: {found}"
            );
        }
        assert_eq!(Latencies::default().quantile(0.5), Duration::ZERO);
    }
}
