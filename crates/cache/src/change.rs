//! Which change makes a key invalid.

use uuid::Uuid;

use crate::mark::Mark;

/// A transaction that made keys invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its commit lies at or before it.
    pub at: Mark,
    /// By what it is known again when it is heard of by another way.
    pub id: Option<Uuid>,
}

impl From<Mark> for Change {
    fn from(at: Mark) -> Self {
        Self { at, id: None }
    }
}
