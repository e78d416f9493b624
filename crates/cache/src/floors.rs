//! What was invalidated lately, and from which position on a value is new enough again.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::{HashMap, HashSet};
use uuid::Uuid;

use crate::change::Change;
use crate::mark::Mark;

/// How long the floor of a key is remembered after its invalidation. A source that lags more than this must not be read
/// from: what it gives could not be told from something current.
pub const FLOOR_KEPT: Duration = Duration::from_secs(60);

/// Beyond this many, one floor for everything replaces them.
const MAX_FLOORS: usize = 50_000;

const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How many changes of a key are known again. Others are taken for new ones, and the key is dropped once more.
const KNOWN_CHANGES: usize = 8;

struct Floor {
    mark: Mark,
    /// The last changes that are below `mark`.
    below: VecDeque<Uuid>,
    until: Duration,
}

#[derive(Default)]
pub(crate) struct Floors {
    by_name: HashMap<String, Floor>,
    /// The keys whose invalidation Redis has not confirmed. Their floors do not expire.
    owed: HashSet<String>,
    everything: Option<Mark>,
    redis: Option<Mark>,
    highest: Option<Mark>,
    next_sweep: Duration,
}

impl Floors {
    /// Values of `name` from before `change` are old. `owes_redis`: Redis has yet to be told. Gives `false` when it was known, and from
    /// which position on a value is new enough again is known better than now.
    pub(crate) fn raise(
        &mut self,
        name: &str,
        change: Change,
        now: Duration,
        owes_redis: bool,
    ) -> bool {
        let Change { at: mark, id } = change;
        self.know(mark);
        let until = now + FLOOR_KEPT;
        match self.by_name.get_mut(name) {
            Some(floor) => {
                floor.until = until;
                if let Some(id) = id {
                    if floor.mark.epoch == mark.epoch && floor.below.contains(&id) {
                        return false;
                    }
                    floor.below.truncate(KNOWN_CHANGES - 1);
                    floor.below.push_front(id);
                }
                floor.mark = floor.mark.later(mark);
            }
            None => {
                let below = id.into_iter().collect();
                let floor = Floor { mark, below, until };
                self.by_name.insert(name.to_owned(), floor);
            }
        }
        if owes_redis {
            self.owed.insert(name.to_owned());
        }
        if self.by_name.len() > MAX_FLOORS {
            self.forget_keys();
        }
        true
    }

    /// Values of any key from before `mark` are old.
    pub(crate) fn raise_everything(&mut self, mark: Mark) {
        self.know(mark);
        self.everything = Some(later(self.everything, mark));
        self.forget_keys();
    }

    /// Nothing is known about what Redis holds from before the newest known position.
    pub(crate) fn distrust_redis(&mut self) {
        if let Some(highest) = self.highest {
            self.redis = Some(later(self.redis, highest));
        }
    }

    /// Takes note that `mark` exists.
    pub(crate) fn know(&mut self, mark: Mark) {
        self.highest = Some(later(self.highest, mark));
    }

    /// Whether a value of `name` read at `position` is still the current one as far as this process knows.
    pub(crate) fn admit(&self, name: &str, position: Mark) -> bool {
        let above = |floor: Mark| position.covers(floor);
        self.everything.is_none_or(above)
            && self.by_name.get(name).is_none_or(|floor| above(floor.mark))
    }

    /// [`admit`](Self::admit) for everything that a value was made of.
    pub(crate) fn admit_all(&self, names: &[String], position: Mark) -> bool {
        names.iter().all(|name| self.admit(name, position))
    }

    /// [`admit`](Self::admit) for a value that Redis holds.
    pub(crate) fn admit_from_redis(&self, name: &str, position: Mark) -> bool {
        self.redis.is_none_or(|floor| position.covers(floor)) && self.admit(name, position)
    }

    /// Redis has been told that `names` are invalid up to `mark`.
    pub(crate) fn delivered<S: AsRef<str>>(&mut self, names: &[S], mark: Mark) {
        for name in names {
            let name = name.as_ref();
            let done = self
                .by_name
                .get(name)
                .is_none_or(|floor| floor.mark.later(mark) == mark);
            if done {
                self.owed.remove(name);
            }
        }
    }

    /// At most `limit` keys that Redis has to be told about, and the highest of their floors.
    pub(crate) fn owed(&self, limit: usize) -> Option<(Vec<String>, Mark)> {
        let mut highest = None;
        let mut names = Vec::new();
        for name in self.owed.iter().take(limit) {
            if let Some(floor) = self.by_name.get(name) {
                highest = Some(later(highest, floor.mark));
                names.push(name.clone());
            }
        }
        highest.map(|mark| (names, mark))
    }

    pub(crate) fn owed_count(&self) -> usize {
        self.owed.len()
    }

    /// Forgets floors that are over, every now and then. Gives whether it did.
    pub(crate) fn sweep(&mut self, now: Duration) -> bool {
        if now < self.next_sweep {
            return false;
        }
        self.next_sweep = now + SWEEP_EVERY;
        let owed = &self.owed;
        self.by_name
            .retain(|name, floor| floor.until > now || owed.contains(name));
        true
    }

    // One floor for everything says more than the many did: values are loaded again that need not have been, until the
    // sources have passed it, and Redis need not be told of the keys, as its older entries are not believed.
    fn forget_keys(&mut self) {
        for floor in self.by_name.values() {
            self.everything = Some(later(self.everything, floor.mark));
        }
        self.by_name.clear();
        self.owed.clear();
    }
}

fn later(known: Option<Mark>, mark: Mark) -> Mark {
    known.map_or(mark, |known| known.later(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lsn: u64) -> Mark {
        Mark::new(1, lsn)
    }

    #[test]
    fn a_value_from_before_the_invalidation_is_refused_while_the_floor_is_kept() {
        let mut floors = Floors::default();
        floors.raise("server:1", at(20).into(), Duration::ZERO, false);
        assert!(!floors.admit("server:1", at(19)));
        assert!(floors.admit("server:1", at(20)));
        assert!(!floors.admit("server:1", Mark::new(2, 30)));
        assert!(floors.admit("server:2", at(1)));

        floors.sweep(FLOOR_KEPT - Duration::from_secs(1));
        assert!(!floors.admit("server:1", at(19)));
        floors.sweep(FLOOR_KEPT + SWEEP_EVERY);
        assert!(floors.admit("server:1", at(19)));
    }

    #[test]
    fn a_change_that_is_heard_of_again_raises_no_floor() {
        let change = |lsn, id| Change {
            at: at(lsn),
            id: Some(Uuid::from_u128(id)),
        };
        let mut floors = Floors::default();
        let mut raise = |change| floors.raise("server:1", change, Duration::ZERO, false);
        assert!(raise(change(20, 1)));
        assert!(!raise(change(25, 1)));
        assert!(raise(change(22, 2)), "another one does");
        assert!(!raise(change(25, 1)) && !raise(change(25, 2)));
        let replaced = Change {
            at: Mark::new(2, 21),
            ..change(0, 1)
        };
        assert!(raise(replaced), "in another history the floor says nothing");

        let mut floors = Floors::default();
        floors.raise("server:1", change(20, 1), Duration::ZERO, false);
        floors.raise("server:1", change(30, 1), Duration::ZERO, false);
        assert!(floors.admit("server:1", at(20)));
        floors.raise("server:1", change(22, 2), Duration::ZERO, false);
        assert!(!floors.admit("server:1", at(21)));
        assert!(floors.admit("server:1", at(22)));
    }

    #[test]
    fn a_floor_never_sinks() {
        let mut floors = Floors::default();
        floors.raise("server:1", at(20).into(), Duration::ZERO, false);
        floors.raise("server:1", at(10).into(), Duration::ZERO, false);
        assert!(!floors.admit("server:1", at(15)));
    }

    #[test]
    fn what_redis_was_not_told_is_kept_until_it_was() {
        let mut floors = Floors::default();
        floors.raise("server:1", at(20).into(), Duration::ZERO, true);
        floors.sweep(FLOOR_KEPT * 10);
        assert!(!floors.admit_from_redis("server:1", at(19)));
        assert_eq!(floors.owed(10), Some((vec!["server:1".to_owned()], at(20))));

        floors.raise("server:1", at(30).into(), Duration::ZERO, true);
        floors.delivered(&["server:1"], at(20));
        assert_eq!(floors.owed_count(), 1, "the second change is still owed");
        floors.delivered(&["server:1"], at(30));
        assert_eq!(floors.owed(10), None);
        floors.sweep(FLOOR_KEPT * 20);
        assert!(floors.admit_from_redis("server:1", at(19)));
    }

    #[test]
    fn after_a_new_connection_redis_is_believed_from_the_newest_position_on() {
        let mut floors = Floors::default();
        floors.know(at(20));
        floors.distrust_redis();
        assert!(!floors.admit_from_redis("server:1", at(19)));
        assert!(floors.admit("server:1", at(19)));
        assert!(floors.admit_from_redis("server:1", at(20)));
    }

    #[test]
    fn too_many_floors_become_one_for_everything() {
        let mut floors = Floors::default();
        for index in 0..=MAX_FLOORS {
            let lsn = 10 + index as u64;
            floors.raise(
                &format!("server:{index}"),
                at(lsn).into(),
                Duration::ZERO,
                true,
            );
        }
        let highest = 10 + MAX_FLOORS as u64;
        assert_eq!(floors.owed_count(), 0);
        assert!(!floors.admit("another:1", at(highest - 1)));
        assert!(floors.admit("another:1", at(highest)));
    }
}
