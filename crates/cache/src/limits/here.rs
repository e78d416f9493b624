//! Windows counted inside the process, while Redis is away.

use std::time::Duration;

use super::{Grant, RateLimit};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    used: u32,
    ends: Duration,
}

impl Window {
    /// Takes one use, out of a new window when this one is over.
    pub(super) fn take(&mut self, limit: RateLimit<'_>, now: Duration) -> Grant {
        if !self.lasts(now) {
            *self = Self {
                used: 0,
                ends: now + limit.window,
            };
        }
        let granted = u32::from(self.used < limit.budget);
        self.used += granted;
        Grant {
            granted,
            left: limit.budget.saturating_sub(self.used),
            ends_in: self.ends - now,
        }
    }

    /// Whether it goes on.
    pub(super) fn lasts(&self, now: Duration) -> bool {
        self.ends > now
    }
}

#[cfg(test)]
mod tests {
    use super::super::Client;
    use super::*;

    #[test]
    fn the_budget_is_exact_and_comes_back_with_the_next_window() {
        let limit = RateLimit {
            bucket: "login",
            client: Client::Number(1),
            budget: 3,
            window: Duration::from_secs(10),
        };
        let mut window = Window::default();
        let mut take = |seconds| window.take(limit, Duration::from_secs(seconds)).granted;
        assert_eq!(
            [take(0), take(1), take(2), take(3), take(9)],
            [1, 1, 1, 0, 0]
        );
        assert_eq!(take(10), 1);
    }
}
