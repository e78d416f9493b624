//! Windows counted inside the process, while Redis is away.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Grant, RateLimit};

/// Beyond this many buckets the memory matters more than the counts.
const MAX_WINDOWS: usize = 100_000;

#[derive(Clone, Copy)]
struct Window {
    used: u32,
    ends: Duration,
}

#[derive(Default)]
pub(super) struct Windows(Mutex<HashMap<String, Window>>);

impl Windows {
    pub(super) fn take(&self, limit: RateLimit<'_>, now: Duration) -> Grant {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_WINDOWS && !windows.contains_key(limit.bucket) {
            windows.retain(|_, window| window.ends > now);
            if windows.len() >= MAX_WINDOWS {
                windows.clear();
            }
        }
        let fresh = Window {
            used: 0,
            ends: now + limit.window,
        };
        let window = windows.entry(limit.bucket.to_owned()).or_insert(fresh);
        if window.ends <= now {
            *window = fresh;
        }
        let granted = u32::from(window.used < limit.budget);
        window.used += granted;
        Grant {
            granted,
            left: limit.budget.saturating_sub(window.used),
            ends_in: window.ends - now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit<'static> = RateLimit {
        bucket: "login:client",
        budget: 3,
        window: Duration::from_secs(10),
    };

    #[test]
    fn the_budget_is_exact_and_comes_back_with_the_next_window() {
        let windows = Windows::default();
        let take = |seconds| windows.take(LIMIT, Duration::from_secs(seconds)).granted;
        assert_eq!(
            [take(0), take(1), take(2), take(3), take(9)],
            [1, 1, 1, 0, 0]
        );
        assert_eq!(take(10), 1);
        let other = RateLimit {
            bucket: "login:other",
            ..LIMIT
        };
        assert_eq!(windows.take(other, Duration::from_secs(10)).left, 2);
    }

    #[test]
    fn the_number_of_windows_is_bounded() {
        let windows = Windows::default();
        for index in 0..=MAX_WINDOWS {
            let bucket = format!("login:{index}");
            let limit = RateLimit {
                bucket: &bucket,
                ..LIMIT
            };
            windows.take(limit, Duration::ZERO);
        }
        assert!(windows.0.lock().unwrap().len() <= MAX_WINDOWS);
    }
}
