//! Loads under way: one per key and process, joined by whoever asks meanwhile.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use tokio::sync::watch;

use crate::mark::Mark;

/// How a load ended for those who joined it.
#[derive(Clone)]
pub(crate) enum Outcome {
    /// It goes on.
    Pending,
    /// The value, and the position up to which it is vouched for, if that is known.
    Done {
        value: Arc<dyn Any + Send + Sync>,
        vouched: Option<Mark>,
    },
    /// The loader failed; its error belongs to the one who called it.
    Failed,
}

/// One load. Its identity is the allocation.
pub(crate) struct Flight {
    outcome: watch::Sender<Outcome>,
}

impl Flight {
    pub(crate) fn settle(&self, outcome: Outcome) {
        self.outcome.send_replace(outcome);
    }
}

/// A load that somebody else does.
pub(crate) struct Joined(watch::Receiver<Outcome>);

impl Joined {
    /// How it ended; `None` when whoever did it went away without an end.
    pub(crate) async fn outcome(mut self) -> Option<Outcome> {
        let settled = self
            .0
            .wait_for(|outcome| !matches!(outcome, Outcome::Pending))
            .await
            .ok()?;
        Some(settled.clone())
    }
}

pub(crate) enum Role {
    Lead(Arc<Flight>),
    Join(Joined),
}

#[derive(Default)]
pub(crate) struct Flights(HashMap<String, Arc<Flight>>);

impl Flights {
    /// Joins the load of `name`, or starts one.
    pub(crate) fn board(&mut self, name: &str) -> Role {
        match self.0.entry(name.to_owned()) {
            Entry::Occupied(known) => Role::Join(Joined(known.get().outcome.subscribe())),
            Entry::Vacant(free) => {
                let (outcome, _) = watch::channel(Outcome::Pending);
                Role::Lead(Arc::clone(free.insert(Arc::new(Flight { outcome }))))
            }
        }
    }

    /// Whether `flight` may still be joined, which also means that its key was not invalidated since it began.
    pub(crate) fn current(&self, name: &str, flight: &Arc<Flight>) -> bool {
        self.0
            .get(name)
            .is_some_and(|known| Arc::ptr_eq(known, flight))
    }

    /// Nobody joins the load of `name` from now on; those who have get its end.
    pub(crate) fn orphan(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// [`orphan`](Self::orphan) for all loads.
    pub(crate) fn orphan_all(&mut self) {
        self.0.clear();
    }

    /// `flight` has ended.
    pub(crate) fn leave(&mut self, name: &str, flight: &Arc<Flight>) {
        if self.current(name, flight) {
            self.0.remove(name);
        }
    }
}
