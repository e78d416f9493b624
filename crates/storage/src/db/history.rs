//! Which epoch of the primary's history is the latest that this process knows of.

use std::sync::atomic::{AtomicI64, Ordering};

/// The latest epoch that any database showed. A primary of an earlier one was replaced, and came back without knowing it: what is
/// written there is lost.
#[derive(Debug, Default)]
pub(super) struct History(AtomicI64);

impl History {
    /// A database has shown `epoch`; tells whether it is new.
    pub(super) fn learn(&self, epoch: i64) -> bool {
        self.0.fetch_max(epoch, Ordering::AcqRel) < epoch
    }

    /// Whether no later one than `epoch` is known, and `epoch` is.
    pub(super) fn is_latest(&self, epoch: i64) -> bool {
        epoch != 0 && self.0.load(Ordering::Acquire) == epoch
    }

    /// Whether a primary of `epoch` was replaced.
    pub(super) fn has_passed(&self, epoch: i64) -> bool {
        epoch < self.0.load(Ordering::Acquire)
    }
}
