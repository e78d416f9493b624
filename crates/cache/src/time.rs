//! Time for expiry: only differences matter, so it is monotonic and starts anywhere.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A clock that never goes back.
pub trait Monotonic: Send + Sync + Debug {
    /// The time since a moment that does not change.
    fn now(&self) -> Duration;
}

/// The machine's monotonic clock, to a few milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct SystemMonotonic(coarsetime::Instant);

impl SystemMonotonic {
    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self(coarsetime::Instant::now())
    }
}

impl Default for SystemMonotonic {
    fn default() -> Self {
        Self::new()
    }
}

impl Monotonic for SystemMonotonic {
    fn now(&self) -> Duration {
        self.0.elapsed().into()
    }
}

/// A clock that moves when it is told to, for tests.
#[derive(Debug, Default)]
pub struct ManualTime(Mutex<Duration>);

impl ManualTime {
    /// A clock that stands at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock by `step`.
    pub fn advance(&self, step: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += step;
    }
}

impl Monotonic for ManualTime {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
