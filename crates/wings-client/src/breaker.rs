//! Leaves a node alone that does not answer, so that those who ask for it fail at once instead of each waiting for a deadline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// When a node is left alone and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row after which the node rests.
    pub failures: u32,
    /// How long it rests the first time; doubles with every probe that fails.
    pub rest: TimeDelta,
    /// The longest rest.
    pub longest_rest: TimeDelta,
    /// How long the others wait for the outcome of the one call that tries; after that another may. An archive takes minutes to be
    /// written before the daemon answers.
    pub probe_patience: TimeDelta,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 3,
            rest: TimeDelta::seconds(5),
            longest_rest: TimeDelta::seconds(60),
            probe_patience: TimeDelta::seconds(15),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Asked freely; so many failures in a row.
    Closed(u32),
    /// Left alone until the instant; then one call may try.
    Open {
        until: DateTime<Utc>,
        rest: TimeDelta,
    },
    /// One call is trying; the others wait for its outcome by failing.
    Probing {
        since: DateTime<Utc>,
        rest: TimeDelta,
    },
}

#[derive(Debug)]
pub(crate) struct Breaker {
    settings: BreakerSettings,
    state: Mutex<State>,
}

/// Leave to make one call. Tell its outcome; dropped without one (the caller went away), it counts as neither.
#[derive(Debug)]
pub(crate) struct Permit {
    breaker: Arc<Breaker>,
    probing: bool,
    settled: bool,
}

impl Breaker {
    pub(crate) const fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: Mutex::new(State::Closed(0)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A state is replaced as a whole, so a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave for a call at `now`, or nothing while the node rests.
    pub(crate) fn permit(self: &Arc<Self>, now: DateTime<Utc>) -> Option<Permit> {
        let mut state = self.lock();
        let probing = match *state {
            State::Closed(_) => false,
            State::Open { until, rest } if now >= until => {
                *state = State::Probing { since: now, rest };
                true
            }
            State::Probing { since, rest } if now - since >= self.settings.probe_patience => {
                *state = State::Probing { since: now, rest };
                true
            }
            State::Open { .. } | State::Probing { .. } => return None,
        };
        drop(state);
        Some(Permit {
            breaker: Arc::clone(self),
            probing,
            settled: false,
        })
    }

    /// Until when the node rests, if it does.
    pub(crate) fn resting_until(&self) -> Option<DateTime<Utc>> {
        match *self.lock() {
            State::Open { until, .. } => Some(until),
            State::Probing { since, .. } => Some(since),
            State::Closed(_) => None,
        }
    }
}

impl Permit {
    /// The node answered, whatever it said.
    pub(crate) fn answered(mut self) {
        self.settled = true;
        *self.breaker.lock() = State::Closed(0);
    }

    /// The node did not answer; known at `now`.
    pub(crate) fn failed(mut self, now: DateTime<Utc>) {
        self.settled = true;
        let settings = self.breaker.settings;
        let mut state = self.breaker.lock();
        *state = match *state {
            State::Closed(before) if before + 1 >= settings.failures => State::Open {
                until: now + settings.rest,
                rest: settings.rest,
            },
            State::Closed(before) => State::Closed(before + 1),
            State::Probing { rest, .. } if self.probing => {
                let rest = (rest * 2).min(settings.longest_rest);
                State::Open {
                    until: now + rest,
                    rest,
                }
            }
            // A call from before the rest that failed late says nothing new.
            other => other,
        };
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.settled || !self.probing {
            return;
        }
        let mut state = self.breaker.lock();
        if let State::Probing { since, rest } = *state {
            *state = State::Open { until: since, rest };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn breaker() -> Arc<Breaker> {
        Arc::new(Breaker::new(BreakerSettings::default()))
    }

    fn fail(breaker: &Arc<Breaker>, times: u32, second: i64) {
        for _ in 0..times {
            breaker.permit(at(second)).unwrap().failed(at(second));
        }
    }

    #[test]
    fn opens_after_failures_in_a_row_only() {
        let breaker = breaker();
        fail(&breaker, 2, 0);
        breaker.permit(at(0)).unwrap().answered();
        fail(&breaker, 2, 0);
        assert!(breaker.permit(at(0)).is_some());
        fail(&breaker, 1, 0);
        assert!(breaker.permit(at(4)).is_none());
        assert_eq!(breaker.resting_until(), Some(at(5)));
    }

    #[test]
    fn one_probe_decides() {
        let breaker = breaker();
        fail(&breaker, 3, 0);
        let probe = breaker.permit(at(5)).unwrap();
        assert!(breaker.permit(at(5)).is_none(), "only one may try");
        probe.failed(at(6));
        assert!(breaker.permit(at(15)).is_none(), "the rest doubled");
        breaker.permit(at(16)).unwrap().answered();
        assert!(breaker.permit(at(16)).is_some());
        assert_eq!(breaker.resting_until(), None);
    }

    #[test]
    fn rest_has_a_bound() {
        let breaker = breaker();
        fail(&breaker, 3, 0);
        let mut now = 5;
        for _ in 0..10 {
            breaker.permit(at(now)).unwrap().failed(at(now));
            now = breaker.resting_until().unwrap().timestamp();
        }
        let before = now;
        breaker.permit(at(now)).unwrap().failed(at(now));
        assert_eq!(breaker.resting_until().unwrap().timestamp() - before, 60);
    }

    #[test]
    fn an_abandoned_probe_lets_the_next_one_try() {
        let breaker = breaker();
        fail(&breaker, 3, 0);
        drop(breaker.permit(at(5)).unwrap());
        assert!(breaker.permit(at(5)).is_some());
    }

    #[test]
    fn a_probe_that_takes_long_does_not_keep_the_others_waiting() {
        let breaker = breaker();
        fail(&breaker, 3, 0);
        let archive = breaker.permit(at(5)).unwrap();
        assert!(breaker.permit(at(19)).is_none());
        breaker.permit(at(20)).unwrap().answered();
        assert!(breaker.permit(at(20)).is_some(), "the node is back");
        archive.failed(at(900));
        assert_eq!(breaker.resting_until(), None, "one failure is not three");
    }

    #[test]
    fn a_late_failure_does_not_lengthen_the_rest() {
        let breaker = breaker();
        let late = breaker.permit(at(0)).unwrap();
        fail(&breaker, 3, 0);
        late.failed(at(4));
        assert_eq!(breaker.resting_until(), Some(at(5)));
    }
}
