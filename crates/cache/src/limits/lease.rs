//! Uses that a process took out of the shared window in advance.

use std::time::Duration;

use super::{Decision, Grant, RateLimit};

/// What is left of a lease. It ends with the window it was taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lease {
    uses: u32,
    /// What the window held beside the lease when it was taken.
    beside: u32,
    /// The budget of the limit it was taken for: of another one it says nothing.
    budget: u32,
    ends: Duration,
}

impl Lease {
    /// What was granted to somebody who asked at `asked`: earlier than the answer, so the lease never outlives its window.
    pub(super) fn new(limit: RateLimit<'_>, grant: Grant, asked: Duration) -> Self {
        Self {
            uses: grant.granted,
            beside: grant.left,
            budget: limit.budget,
            ends: asked + grant.ends_in,
        }
    }

    /// Whether its window goes on.
    pub(super) fn lasts(&self, now: Duration) -> bool {
        self.ends > now
    }

    /// Takes one use. `None` asks for another lease; a window that is known to be used up refuses by itself.
    pub(super) fn spend(&mut self, limit: RateLimit<'_>, now: Duration) -> Option<Decision> {
        if !self.lasts(now) || self.budget != limit.budget {
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
            remaining: self.uses.saturating_add(self.beside),
            reset_after: self.ends - now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Client;
    use super::*;

    const LIMIT: RateLimit<'static> = RateLimit {
        bucket: "client",
        client: Client::Number(1),
        budget: 360,
        window: Duration::from_secs(30),
    };

    fn lease(granted: u32, left: u32) -> Lease {
        let grant = Grant {
            granted,
            left,
            ends_in: Duration::from_secs(10),
        };
        Lease::new(LIMIT, grant, Duration::from_secs(5))
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
    fn a_changed_limit_is_asked_for_at_once() {
        let mut lease = lease(1, 0);
        let now = Duration::from_secs(6);
        assert!(lease.spend(LIMIT, now).unwrap().allowed);
        let raised = RateLimit {
            budget: 720,
            ..LIMIT
        };
        assert_eq!(lease.spend(raised, now), None);
    }
}
