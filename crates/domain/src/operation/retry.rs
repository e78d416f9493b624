//! When something is tried again.

use chrono::TimeDelta;

/// Waiting times that double from a first to a longest one. They go on for ever: deadlines end retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    first: TimeDelta,
    longest: TimeDelta,
}

impl Retry {
    /// Waits about `first` after the first try and never longer than `longest`. Both count in milliseconds.
    #[must_use]
    pub const fn new(first: TimeDelta, longest: TimeDelta) -> Self {
        Self { first, longest }
    }

    /// How long to wait after `attempts` tries. `jitter`, a uniformly random number, chooses a moment in the second
    /// half of the waiting time, so that what failed together does not come back together.
    #[must_use]
    pub fn delay(&self, attempts: u32, jitter: u32) -> TimeDelta {
        let doublings = attempts.saturating_sub(1).min(32);
        let longest = self.longest.num_milliseconds().max(0);
        let wait = self
            .first
            .num_milliseconds()
            .max(0)
            .saturating_mul(1 << doublings)
            .min(longest);
        let half = wait / 2;
        let part = i128::from(wait - half) * i128::from(jitter) / i128::from(u32::MAX);
        TimeDelta::milliseconds(half + i64::try_from(part).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry = Retry::new(TimeDelta::seconds(2), TimeDelta::minutes(1));

    #[test]
    fn waits_double_up_to_the_longest() {
        let longest: Vec<_> = (0..8)
            .map(|n| RETRY.delay(n, u32::MAX).num_seconds())
            .collect();
        assert_eq!(longest, [2, 2, 4, 8, 16, 32, 60, 60]);
        let shortest: Vec<_> = (1..8).map(|n| RETRY.delay(n, 0).num_seconds()).collect();
        assert_eq!(shortest, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(RETRY.delay(u32::MAX, u32::MAX), TimeDelta::minutes(1));
    }

    #[test]
    fn jitter_stays_in_the_second_half() {
        for jitter in [0, 1, u32::MAX / 3, u32::MAX / 2, u32::MAX - 1, u32::MAX] {
            let wait = RETRY.delay(3, jitter);
            assert!(
                (TimeDelta::seconds(4)..=TimeDelta::seconds(8)).contains(&wait),
                "{jitter}"
            );
        }
    }

    #[test]
    fn odd_settings_do_no_harm() {
        let retry = Retry::new(TimeDelta::MAX, TimeDelta::MAX);
        assert!(retry.delay(u32::MAX, u32::MAX) > TimeDelta::days(365));
        assert_eq!(
            Retry::new(TimeDelta::seconds(-1), TimeDelta::seconds(5)).delay(3, 7),
            TimeDelta::zero()
        );
    }
}
