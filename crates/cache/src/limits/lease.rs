//! Uses that a process took out of the shared window in advance.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Decision, Grant, RateLimit};

/// From this many buckets on, those whose window is over are looked for.
const SWEEP_FROM: usize = 10_000;

/// Beyond this many buckets the memory matters more than the leases.
const MAX_BUCKETS: usize = 100_000;

/// What is left of a lease. It ends with the window it was taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lease {
    uses: u32,
    /// What the window held beside the lease when it was taken.
    beside: u32,
    ends: Duration,
}

impl Lease {
    /// What was granted to somebody who asked at `asked`: earlier than the answer, so the lease never outlives its window.
    pub(super) fn new(grant: Grant, asked: Duration) -> Self {
        Self {
            uses: grant.granted,
            beside: grant.left,
            ends: asked + grant.ends_in,
        }
    }

    /// Takes one use. `None` asks for another lease; a window that is known to be used up refuses by itself.
    pub(super) fn spend(&mut self, limit: RateLimit<'_>, now: Duration) -> Option<Decision> {
        if self.ends <= now {
            return None;
        }
        let allowed = self.uses > 0;
        if !allowed && self.beside > 0 {
            return None;
        }
        self.uses = self.uses.saturating_sub(1);
        Some(Decision {
            allowed,
            limit: limit.budget,
            remaining: self.uses + self.beside,
            reset_after: self.ends - now,
        })
    }
}

pub(super) struct Leases(Mutex<Table>);

struct Table {
    by_bucket: HashMap<String, Arc<tokio::sync::Mutex<Lease>>>,
    sweep_at: usize,
}

impl Default for Leases {
    fn default() -> Self {
        Self(Mutex::new(Table {
            by_bucket: HashMap::new(),
            sweep_at: SWEEP_FROM,
        }))
    }
}

impl Leases {
    /// The lease of `bucket`, new and empty if there was none.
    pub(super) fn of(&self, bucket: &str, now: Duration) -> Arc<tokio::sync::Mutex<Lease>> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lease) = table.by_bucket.get(bucket) {
            return Arc::clone(lease);
        }
        if table.by_bucket.len() >= table.sweep_at {
            table.sweep(now);
        }
        Arc::clone(table.by_bucket.entry(bucket.to_owned()).or_default())
    }
}

impl Table {
    fn sweep(&mut self, now: Duration) {
        // One that is locked is in use.
        self.by_bucket
            .retain(|_, lease| lease.try_lock().map_or(true, |lease| lease.ends > now));
        if self.by_bucket.len() >= MAX_BUCKETS {
            // Their uses are lost to this process, which then takes new leases.
            self.by_bucket.clear();
        }
        // Not at every new bucket, when few of them are over.
        self.sweep_at = SWEEP_FROM.max(self.by_bucket.len() * 2).min(MAX_BUCKETS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit<'static> = RateLimit {
        bucket: "client:1",
        budget: 360,
        window: Duration::from_secs(30),
    };

    fn lease(granted: u32, left: u32) -> Lease {
        let grant = Grant {
            granted,
            left,
            ends_in: Duration::from_secs(10),
        };
        Lease::new(grant, Duration::from_secs(5))
    }

    #[test]
    fn a_lease_is_spent_and_then_asks_for_the_next() {
        let mut lease = lease(2, 7);
        let now = Duration::from_secs(6);
        let first = lease.spend(LIMIT, now).unwrap();
        assert!(first.allowed);
        assert_eq!(
            (first.remaining, first.reset_after),
            (8, Duration::from_secs(9))
        );
        assert_eq!(lease.spend(LIMIT, now).unwrap().remaining, 7);
        assert_eq!(lease.spend(LIMIT, now), None);
    }

    #[test]
    fn a_used_up_window_refuses_until_it_ends() {
        let mut lease = lease(1, 0);
        assert!(lease.spend(LIMIT, Duration::from_secs(6)).unwrap().allowed);
        assert!(!lease.spend(LIMIT, Duration::from_secs(7)).unwrap().allowed);
        assert_eq!(lease.spend(LIMIT, Duration::from_secs(15)), None);
    }

    #[test]
    fn a_lease_ends_with_its_window() {
        let mut lease = lease(50, 100);
        assert!(lease.spend(LIMIT, Duration::from_secs(14)).is_some());
        assert_eq!(lease.spend(LIMIT, Duration::from_secs(15)), None);
    }

    #[test]
    fn the_number_of_leases_is_bounded_and_those_over_go_first() {
        let leases = Leases::default();
        for index in 0..SWEEP_FROM {
            leases.of(&format!("client:{index}"), Duration::ZERO);
        }
        leases.of("client:last", Duration::ZERO);
        assert_eq!(leases.0.lock().unwrap().by_bucket.len(), 1);
        for index in 0..=MAX_BUCKETS {
            let fresh = leases.of(&format!("client:{index}"), Duration::ZERO);
            *fresh.try_lock().unwrap() = lease(1, 1);
        }
        assert!(leases.0.lock().unwrap().by_bucket.len() <= MAX_BUCKETS);
    }
}
