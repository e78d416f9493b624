//! Finding a value, and keeping what was loaded.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::Cache;
use crate::flight::{Flight, Outcome, Role};
use crate::floors::FLOOR_KEPT;
use crate::key::Key;
use crate::local::{Kept, Value};
use crate::mark::{Mark, Reader};
use crate::remote::Held;
use crate::telemetry::{self, Tier};

/// The longest time a value stays in Redis.
const MAX_TTL: Duration = Duration::from_secs(60 * 60);

/// The same for a value that was made of others. Redis drops it by its own name only, so a process has to know the floors
/// of its parts for as long as it may be there: they are kept for twice this time, and the other half is the most that a
/// source may lag.
const MAX_TTL_OF_MADE: Duration = Duration::from_secs(FLOOR_KEPT.as_secs() / 2);

/// What a loader found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded<V> {
    /// The value.
    pub value: V,
    /// The position its source vouches for, sampled before the value was read; `None` keeps it out of the caches.
    pub position: Option<Mark>,
}

impl<V> Loaded<V> {
    /// A value read from a source that had reached `position` before.
    #[must_use]
    pub fn at(position: Mark, value: V) -> Self {
        Self {
            value,
            position: Some(position),
        }
    }

    /// A value of which nobody knows how new it is. It is not cached.
    #[must_use]
    pub fn uncacheable(value: V) -> Self {
        Self {
            value,
            position: None,
        }
    }
}

impl Cache {
    /// The value of `key`: from a tier when `reader` may use them, else from `load`, which has to read from a source that
    /// `reader` is content with. Only one load per key runs in the process among readers who may use the caches. `ttl` is
    /// the time in Redis (at most an hour, shortened by up to a tenth so that values do not expire together); the local
    /// tier keeps values for seconds.
    ///
    /// # Errors
    /// What `load` fails with; that is not cached, and whoever joined the load tries its own.
    pub fn get_or_load<K, F, Fut, E>(
        &self,
        key: &K,
        ttl: Duration,
        reader: Reader,
        load: F,
    ) -> impl Future<Output = Result<K::Value, E>>
    where
        K: Key,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Loaded<K::Value>, E>>,
    {
        self.get_or_load_if(key, ttl, reader, |_| true, load)
    }

    /// As [`get_or_load`](Self::get_or_load), but of what is held only a value for which `stands` says yes. What is loaded then takes the
    /// place of the other.
    ///
    /// # Errors
    /// As [`get_or_load`](Self::get_or_load).
    pub async fn get_or_load_if<K, P, F, Fut, E>(
        &self,
        key: &K,
        ttl: Duration,
        reader: Reader,
        stands: P,
        load: F,
    ) -> Result<K::Value, E>
    where
        K: Key,
        P: Fn(&K::Value) -> bool,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Loaded<K::Value>, E>>,
    {
        if K::SECRET && !self.inner.cache_secrets {
            return Ok(load().await?.value);
        }
        let Some(watermark) = self.watermark().filter(|mark| reader.may_use(*mark)) else {
            telemetry::bypassed(K::KIND);
            return Ok(load().await?.value);
        };
        let name = key.name();
        if let Some(value) = self.find_here::<K>(&name, watermark)
            && let Some(value) = value.downcast_ref::<K::Value>()
            && stands(value)
        {
            return Ok(value.clone());
        }
        loop {
            let role = self.book().flights.board(&name);
            let joined = match role {
                Role::Lead(flight) => {
                    let flight = Leading {
                        cache: self,
                        name: &name,
                        flight,
                    };
                    return self.lead::<K, _, _, _, _>(flight, ttl, stands, load).await;
                }
                Role::Join(joined) => joined,
            };
            telemetry::joined(K::KIND);
            match joined.outcome().await {
                Some(Outcome::Done { value, vouched }) if content(reader, vouched) => {
                    if let Some(value) = value.downcast_ref::<K::Value>()
                        && stands(value)
                    {
                        return Ok(value.clone());
                    }
                    return Ok(load().await?.value);
                }
                Some(_) => return Ok(load().await?.value),
                // Whoever led it went away, as a client may: somebody else's turn.
                None => {}
            }
        }
    }

    /// What `take` makes of the value of `key`, if the tier inside the process holds it and `reader` may use it. Never
    /// waits.
    pub fn peek<K: Key, T>(
        &self,
        key: &K,
        reader: Reader,
        take: impl FnOnce(&K::Value) -> T,
    ) -> Option<T> {
        if K::SECRET && !self.inner.cache_secrets || !self.inner.local.is_on() {
            return None;
        }
        let watermark = self.watermark().filter(|mark| reader.may_use(*mark))?;
        let value = self.find_here::<K>(&key.name(), watermark)?;
        value.downcast_ref::<K::Value>().map(take)
    }

    /// The value of `key`, if Redis holds it and `reader` may use it, for one round trip; nothing where there is a tier inside the process,
    /// which has it nearer.
    pub async fn fetch<K: Key>(&self, key: &K, reader: Reader) -> Option<K::Value> {
        if K::SECRET && !self.inner.cache_secrets || self.inner.local.is_on() {
            return None;
        }
        let watermark = self.watermark().filter(|mark| reader.may_use(*mark))?;
        let name = key.name();
        let held = self.inner.remote.as_ref()?.get(&name).await;
        let found = held.and_then(|held| self.believe::<K>(&name, held, watermark));
        found.map(|(value, _)| value)
    }

    /// The value that Redis held, unless it is from another history than `begun` or something it was made of has changed
    /// since.
    fn believe<K: Key>(&self, name: &str, held: Held, begun: Mark) -> Option<(K::Value, Mark)> {
        let Held { position, payload } = held;
        let current =
            position.epoch == begun.epoch && self.book().floors.admit_from_redis(name, position);
        let found = current
            .then(|| K::decode(payload))
            .flatten()
            .filter(|value| {
                let parts = K::made_of(value);
                parts.is_empty() || self.book().floors.admit_all(parts, position)
            });
        match found {
            Some(value) => {
                telemetry::hit(Tier::Redis, K::KIND);
                Some((value, position))
            }
            None => {
                telemetry::miss(Tier::Redis, K::KIND);
                None
            }
        }
    }

    async fn lead<K, P, F, Fut, E>(
        &self,
        leading: Leading<'_>,
        ttl: Duration,
        stands: P,
        load: F,
    ) -> Result<K::Value, E>
    where
        K: Key,
        P: Fn(&K::Value) -> bool,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Loaded<K::Value>, E>>,
    {
        // Read after the load can be invalidated: a change that is not in this watermark finds the load.
        let begun = self.watermark();
        if let Some(begun) = begun
            && let Some(value) = self.find_in_redis::<K>(&leading, begun, ttl, stands).await
        {
            return Ok(value);
        }
        let loaded = match load().await {
            Ok(loaded) => loaded,
            Err(error) => {
                leading.flight.settle(Outcome::Failed);
                return Err(error);
            }
        };
        let value = Arc::new(loaded.value);
        let shared: Value = Arc::<K::Value>::clone(&value);
        leading.flight.settle(Outcome::Done {
            value: Arc::clone(&shared),
            vouched: loaded.position,
        });
        let new_enough = |position: &Mark| begun.is_some_and(|begun| position.covers(begun));
        if let Some(position) = loaded.position.filter(new_enough) {
            self.keep::<K>(&leading, &value, shared, position, ttl)
                .await;
        }
        Ok(Arc::unwrap_or_clone(value))
    }

    async fn find_in_redis<K: Key>(
        &self,
        leading: &Leading<'_>,
        begun: Mark,
        ttl: Duration,
        stands: impl Fn(&K::Value) -> bool,
    ) -> Option<K::Value> {
        let Some(held) = self.inner.remote.as_ref()?.get(leading.name).await else {
            telemetry::miss(Tier::Redis, K::KIND);
            return None;
        };
        let bytes = held.payload.len();
        let (value, position) = self.believe::<K>(leading.name, held, begun)?;
        if !stands(&value) {
            return None;
        }
        let value = Arc::new(value);
        let shared: Value = Arc::<K::Value>::clone(&value);
        // It may be old, but nothing up to `begun` has changed it.
        leading.flight.settle(Outcome::Done {
            value: Arc::clone(&shared),
            vouched: Some(begun),
        });
        self.keep_here::<K>(leading, shared, position, ttl, bytes);
        Some(Arc::unwrap_or_clone(value))
    }

    async fn keep<K: Key>(
        &self,
        leading: &Leading<'_>,
        value: &K::Value,
        shared: Value,
        position: Mark,
        ttl: Duration,
    ) {
        let ttl = if K::made_of(value).is_empty() {
            ttl.min(MAX_TTL)
        } else {
            ttl.min(MAX_TTL_OF_MADE)
        };
        let payload = match K::encode(value) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(kind = K::KIND, %error, "a value cannot be cached: it has no JSON form");
                return;
            }
        };
        let kept = self.keep_here::<K>(leading, shared, position, ttl, payload.len());
        if kept && let Some(remote) = &self.inner.remote {
            let ttl = jittered(ttl, leading.name, position);
            remote.fill(leading.name, position, &payload, ttl).await;
        }
    }

    /// Puts a value into the local tier unless its key was invalidated since the load began, or from beyond its position.
    fn keep_here<K: Key>(
        &self,
        leading: &Leading<'_>,
        value: Value,
        position: Mark,
        ttl: Duration,
        bytes: usize,
    ) -> bool {
        let ttl = jittered(ttl.min(self.inner.local_ttl), leading.name, position);
        let expires = self.inner.time.now() + ttl;
        let book = self.book();
        let parts = value.downcast_ref::<K::Value>().map_or(&[][..], K::made_of);
        let keeps = book.flights.current(leading.name, &leading.flight)
            && book.floors.admit(leading.name, position)
            && book.floors.admit_all(parts, position);
        if keeps {
            let kept = Kept {
                value,
                show: show::<K>,
                position,
                expires,
                bytes,
            };
            self.inner.local.put(leading.name, kept);
        }
        keeps
    }

    /// The value that the tier inside the process holds, of the right type, unless something it was made of has changed.
    fn find_here<K: Key>(&self, name: &str, watermark: Mark) -> Option<Value> {
        let now = self.inner.time.now();
        let found = self.inner.local.get(name, watermark.epoch, now);
        let found = found.filter(|(value, position)| {
            value.downcast_ref::<K::Value>().is_some_and(|value| {
                let parts = K::made_of(value);
                parts.is_empty() || self.book().floors.admit_all(parts, *position)
            })
        });
        let found = found.map(|(value, _)| value);
        if found.is_some() {
            telemetry::hit(Tier::Local, K::KIND);
        } else {
            telemetry::miss(Tier::Local, K::KIND);
        }
        found
    }
}

/// A load that this task does. Dropping it, however that comes, ends the load for those who joined.
struct Leading<'a> {
    cache: &'a Cache,
    name: &'a str,
    flight: Arc<Flight>,
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        self.cache.book().flights.leave(self.name, &self.flight);
    }
}

fn show<K: Key>(value: &Value) -> Option<String> {
    serde_json::to_string(value.downcast_ref::<K::Value>()?).ok()
}

/// Whether a reader may take what somebody else's load found.
fn content(reader: Reader, vouched: Option<Mark>) -> bool {
    match vouched {
        Some(vouched) => reader.may_use(vouched),
        None => reader == Reader::Any,
    }
}

/// `ttl` less up to a tenth, by the key and the position: values filled together do not expire together.
fn jittered(ttl: Duration, name: &str, position: Mark) -> Duration {
    let mut hasher = DefaultHasher::new();
    (name, position).hash(&mut hasher);
    let share = u32::try_from(hasher.finish() % 100).unwrap_or_default();
    ttl - ttl / 1000 * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_takes_at_most_a_tenth() {
        let ttl = Duration::from_secs(100);
        let mut seen = std::collections::HashSet::new();
        for index in 0..50 {
            let jittered = jittered(ttl, &format!("server:{index}"), Mark::new(1, 1));
            assert!(jittered <= ttl && jittered > ttl * 9 / 10 - Duration::from_secs(1));
            seen.insert(jittered);
        }
        assert!(seen.len() > 10);
    }

    #[test]
    fn a_joiner_with_a_token_is_content_only_with_what_covers_it() {
        let token = Reader::AtLeast(Mark::new(1, 10));
        assert!(content(token, Some(Mark::new(1, 10))));
        assert!(!content(token, Some(Mark::new(1, 9))));
        assert!(!content(token, None));
        assert!(content(Reader::Any, None));
    }
}
