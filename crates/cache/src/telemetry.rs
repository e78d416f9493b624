//! Metrics of the cache.

use std::sync::{LazyLock, PoisonError, RwLock};

use foldhash::HashMap;
use metrics::Counter;

/// Which tier answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tier {
    Local,
    Redis,
}

impl Tier {
    fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Redis => "redis",
        }
    }
}

/// The counters of look-ups. To find one by its labels costs more than the look-up that is counted, so each is found once.
static LOOKUPS: LazyLock<RwLock<HashMap<Lookup, Counter>>> = LazyLock::new(RwLock::default);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Lookup {
    tier: Tier,
    kind: &'static str,
    hit: bool,
}

impl Lookup {
    fn counter(self) -> Counter {
        let Self { tier, kind, hit } = self;
        let tier = tier.name();
        if hit {
            metrics::counter!("roost_cache_hits_total", "tier" => tier, "kind" => kind)
        } else {
            metrics::counter!("roost_cache_misses_total", "tier" => tier, "kind" => kind)
        }
    }

    fn count(self) {
        {
            let known = LOOKUPS.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(counter) = known.get(&self) {
                counter.increment(1);
                return;
            }
        }
        let mut known = LOOKUPS.write().unwrap_or_else(PoisonError::into_inner);
        let counter = known.entry(self).or_insert_with(|| self.counter());
        counter.increment(1);
    }
}

pub(crate) fn hit(tier: Tier, kind: &'static str) {
    let hit = true;
    Lookup { tier, kind, hit }.count();
}

pub(crate) fn miss(tier: Tier, kind: &'static str) {
    let hit = false;
    Lookup { tier, kind, hit }.count();
}

/// A reader joined a load that was already under way.
pub(crate) fn joined(kind: &'static str) {
    metrics::counter!("roost_cache_joined_loads_total", "kind" => kind).increment(1);
}

/// A reader had to see more than the caches vouch for.
pub(crate) fn bypassed(kind: &'static str) {
    metrics::counter!("roost_cache_bypasses_total", "kind" => kind).increment(1);
}

pub(crate) fn redis_error(operation: &'static str, cause: &'static str) {
    metrics::counter!("roost_redis_errors_total", "operation" => operation, "cause" => cause)
        .increment(1);
}

/// 1 while Redis is used, 0 while the breaker answers for it.
pub(crate) fn redis_up(up: bool) {
    metrics::gauge!("roost_redis_up").set(if up { 1.0 } else { 0.0 });
}

pub(crate) fn owed_invalidations(count: usize) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the count is bounded by MAX_FLOORS"
    )]
    metrics::gauge!("roost_cache_owed_invalidations").set(count as f64);
}

/// Not everybody in the region has heard in time of a write.
pub(crate) fn unheard_announcement() {
    metrics::counter!("roost_cache_unheard_announcements_total").increment(1);
}

/// What a decision about a limit was made from.
#[derive(Clone, Copy)]
pub(crate) enum Limited {
    Redis,
    Lease,
    Process,
}

/// Counts decisions. The counters are looked up once: nearly every request counts one.
#[derive(Default)]
pub(crate) struct Limits([[std::sync::OnceLock<metrics::Counter>; 2]; 3]);

impl Limits {
    pub(crate) fn count(&self, allowed: bool, by: Limited) {
        let (row, by) = match by {
            Limited::Redis => (0, "redis"),
            Limited::Lease => (1, "lease"),
            Limited::Process => (2, "process"),
        };
        let outcome = if allowed { "allowed" } else { "refused" };
        self.0[row][usize::from(allowed)]
            .get_or_init(|| {
                metrics::counter!("roost_rate_limit_decisions_total", "outcome" => outcome, "by" => by)
            })
            .increment(1);
    }
}
