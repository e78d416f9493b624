//! The tier inside the process.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;

use crate::mark::Mark;

/// What an entry costs beside its value, in bytes; keeps a flood of tiny values bounded too.
const ENTRY_OVERHEAD: u64 = 128;

/// A typical entry, from which the number of entries is estimated.
const TYPICAL_ENTRY: u64 = 1024;

/// A value of any kind.
pub(crate) type Value = Arc<dyn Any + Send + Sync>;

/// The JSON form of a value whose kind its maker knew.
pub(crate) type Show = fn(&Value) -> Option<String>;

/// A value as it is put into the tier.
pub(crate) struct Kept {
    pub(crate) value: Value,
    pub(crate) show: Show,
    pub(crate) position: Mark,
    pub(crate) expires: Duration,
    /// The length of its JSON form.
    pub(crate) bytes: usize,
}

#[derive(Clone)]
struct Entry {
    value: Value,
    show: Show,
    position: Mark,
    expires: Duration,
    weight: u64,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<String, Entry> for ByWeight {
    fn weight(&self, _: &String, entry: &Entry) -> u64 {
        entry.weight
    }
}

/// Holds values for seconds. May be switched off, and is then always empty.
pub(crate) struct Local {
    entries: Option<QuickCache<String, Entry, ByWeight>>,
}

impl Local {
    pub(crate) fn new(capacity: Option<u64>) -> Self {
        let entries = capacity.map(|capacity| {
            let estimate = usize::try_from(capacity / TYPICAL_ENTRY).unwrap_or(usize::MAX);
            QuickCache::with_weighter(estimate.max(16), capacity, ByWeight)
        });
        Self { entries }
    }

    /// The value under `name` and the position it was read at, if it is there, unexpired, and of the history `epoch`.
    pub(crate) fn get(&self, name: &str, epoch: u64, now: Duration) -> Option<(Value, Mark)> {
        let entry = self.entries.as_ref()?.get(name)?;
        if entry.expires <= now || entry.position.epoch != epoch {
            return None;
        }
        Some((entry.value, entry.position))
    }

    /// Whether it is in use at all.
    pub(crate) fn is_on(&self) -> bool {
        self.entries.is_some()
    }

    /// Gives back the memory of values that have expired. Nobody asks for them any more, so nothing else would.
    pub(crate) fn sweep(&self, now: Duration) {
        if let Some(entries) = &self.entries {
            entries.retain(|_, entry| entry.expires > now);
        }
    }

    pub(crate) fn put(&self, name: &str, kept: Kept) {
        if let Some(entries) = &self.entries {
            let entry = Entry {
                value: kept.value,
                show: kept.show,
                position: kept.position,
                expires: kept.expires,
                weight: ENTRY_OVERHEAD + (name.len() + kept.bytes) as u64,
            };
            entries.insert(name.to_owned(), entry);
        }
    }

    /// Everything it holds, expired or not: names and the JSON forms of the values.
    pub(crate) fn dump(&self) -> Vec<(String, String)> {
        let Some(entries) = &self.entries else {
            return Vec::new();
        };
        entries
            .iter()
            .map(|(name, entry)| (name, (entry.show)(&entry.value).unwrap_or_default()))
            .collect()
    }

    /// Removes the value unless it was read at `mark` or later.
    pub(crate) fn drop_older(&self, name: &str, mark: Mark) {
        if let Some(entries) = &self.entries {
            entries.remove_if(name, |entry| !entry.position.covers(mark));
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(entries) = &self.entries {
            entries.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);
    const LATER: Duration = Duration::from_secs(2);

    fn put(local: &Local, name: &str, value: u32, position: Mark) {
        let kept = Kept {
            value: Arc::new(value),
            show: |value| value.downcast_ref::<u32>().map(ToString::to_string),
            position,
            expires: LATER,
            bytes: 4,
        };
        local.put(name, kept);
    }

    fn get(local: &Local, name: &str, epoch: u64, now: Duration) -> Option<u32> {
        let (value, _) = local.get(name, epoch, now)?;
        value.downcast_ref::<u32>().copied()
    }

    #[test]
    fn a_value_is_there_until_it_expires() {
        let local = Local::new(Some(100_000));
        put(&local, "a", 7, Mark::new(1, 5));
        assert_eq!(get(&local, "a", 1, NOW), Some(7));
        assert_eq!(local.dump(), [("a".to_owned(), "7".to_owned())]);
        assert_eq!(get(&local, "a", 1, LATER), None);
        assert_eq!(get(&local, "a", 2, NOW), None, "another history");
    }

    #[test]
    fn an_invalidation_spares_what_was_read_after_it() {
        let local = Local::new(Some(100_000));
        put(&local, "a", 7, Mark::new(1, 5));
        local.drop_older("a", Mark::new(1, 5));
        assert_eq!(get(&local, "a", 1, NOW), Some(7));
        local.drop_older("a", Mark::new(1, 6));
        assert_eq!(get(&local, "a", 1, NOW), None);
    }

    #[test]
    fn what_has_expired_takes_no_memory() {
        let local = Local::new(Some(100_000));
        put(&local, "a", 7, Mark::new(1, 5));
        local.sweep(NOW);
        let entries = local.entries.as_ref().unwrap();
        assert_eq!(entries.len(), 1);
        local.sweep(LATER);
        assert_eq!(entries.len(), 0);
    }

    #[test]
    fn its_weight_is_bounded() {
        let local = Local::new(Some(100_000));
        for index in 0..10_000 {
            put(&local, &index.to_string(), index, Mark::new(1, 5));
        }
        let entries = local.entries.as_ref().unwrap();
        assert!(entries.weight() <= 100_000);
        assert!(entries.len() > 10);
    }

    #[test]
    fn switched_off_it_holds_nothing() {
        let local = Local::new(None);
        put(&local, "a", 7, Mark::new(1, 5));
        assert_eq!(get(&local, "a", 1, NOW), None);
        local.clear();
    }
}
