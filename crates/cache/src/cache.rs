//! Both tiers composed, and the rules of filling and using them.

use std::any::Any;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::bus::{self, Message};
use crate::flight::{Flight, Flights, Outcome, Role};
use crate::floors::Floors;
use crate::key::Key;
use crate::limits::{Decision, Limiter, RateLimit};
use crate::link::Link;
use crate::local::Local;
use crate::mark::{Mark, Reader};
use crate::options::{Options, OptionsError};
use crate::remote::Remote;
use crate::telemetry::{self, Tier};
use crate::time::Monotonic;

/// How many keys one message to Redis names.
const BATCH: usize = 500;

/// The longest time a value stays in Redis.
const MAX_TTL: Duration = Duration::from_secs(60 * 60);

/// The pause before a broken subscription is made again.
const RESUBSCRIBE_AFTER: Duration = Duration::from_secs(1);

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

/// Where in the database's history a batch of the invalidation log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    /// Sampled **before** the log was read: with this batch, every change up to here has been seen.
    pub watermark: Mark,
    /// Sampled **after** the log was read, from the same database: every change in the batch lies at or before it.
    pub seen: Mark,
}

/// Both tiers. Cloning is cheap and gives the same cache.
#[derive(Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    local: Local,
    local_ttl: Duration,
    remote: Option<Remote>,
    limiter: Limiter,
    /// Shared with the link, which has to say that it connected.
    book: Arc<Mutex<Book>>,
    watermark: RwLock<Option<Mark>>,
    cache_secrets: bool,
    time: Arc<dyn Monotonic>,
}

/// What has to change together: a value is put into the local tier only under this lock, and only while its load may still
/// be joined and its position is above the key's floor; an invalidation takes the same lock.
#[derive(Default)]
struct Book {
    flights: Flights,
    floors: Floors,
}

impl Cache {
    /// Sets up a cache. Nothing is connected to yet; see [`connect`](Self::connect).
    ///
    /// # Errors
    /// When an address of Redis makes no sense.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        let book = Arc::new(Mutex::new(Book::default()));
        let link = match &options.redis {
            Some(target) => {
                let book = Arc::clone(&book);
                let on_connect = Box::new(move || lock(&book).floors.distrust_redis());
                let time = Arc::clone(&options.time);
                Some(Link::new(target, options.redis_budget, time, on_connect)?)
            }
            None => None,
        };
        let remote = link.map(|link| Remote::new(link, &options.prefix));
        let limiter = Limiter::new(
            remote.as_ref().map(|remote| Arc::clone(remote.link())),
            &options.prefix,
            remote.as_ref().map(Remote::channel).unwrap_or_default(),
            Arc::clone(&options.time),
        );
        Ok(Self {
            inner: Arc::new(Inner {
                local: Local::new(options.local_capacity),
                local_ttl: options.local_ttl,
                remote,
                limiter,
                book,
                watermark: RwLock::new(None),
                cache_secrets: options.cache_secrets,
                time: options.time,
            }),
        })
    }

    /// Waits until Redis is connected or an attempt has failed (about a second), and tells which. Not needed: without it
    /// the first operations are misses while the connection is made.
    pub async fn connect(&self) -> bool {
        match &self.inner.remote {
            Some(remote) => remote.link().connect().await,
            None => false,
        }
    }

    /// The position up to which every change has been dropped from the caches; `None` before the first
    /// [`apply_log`](Self::apply_log), when the caches are neither read nor filled.
    #[must_use]
    pub fn watermark(&self) -> Option<Mark> {
        *self
            .inner
            .watermark
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of `key`: from a tier when `reader` may use them, else from `load`, which has to read from a source that
    /// `reader` is content with. Only one load per key runs in the process among readers who may use the caches. `ttl` is
    /// the time in Redis (at most an hour, shortened by up to a tenth so that values do not expire together); the local
    /// tier keeps values for seconds.
    ///
    /// # Errors
    /// What `load` fails with; that is not cached, and whoever joined the load tries its own.
    pub async fn get_or_load<K, F, Fut, E>(
        &self,
        key: &K,
        ttl: Duration,
        reader: Reader,
        load: F,
    ) -> Result<K::Value, E>
    where
        K: Key,
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
        if let Some(value) = self.local_hit::<K>(&name, watermark) {
            return Ok(value);
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
                    return self.lead::<K, _, _, _>(flight, ttl, load).await;
                }
                Role::Join(joined) => joined,
            };
            telemetry::joined(K::KIND);
            match joined.outcome().await {
                Some(Outcome::Done { value, vouched }) if content(reader, vouched) => {
                    if let Some(value) = value.downcast_ref::<K::Value>() {
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

    /// Makes `keys` invalid that this process changed with a transaction whose commit `at` covers: in this process before
    /// this returns, in the region, as far as Redis can be reached, by the future it returns, which may be spawned. To be
    /// called after COMMIT and before the answer is given.
    pub fn invalidate<S: AsRef<str>>(
        &self,
        keys: &[S],
        at: Mark,
    ) -> impl Future<Output = ()> + Send + use<S> {
        self.note(keys, at);
        let batches: Vec<Vec<String>> = match self.inner.remote {
            Some(_) => keys
                .chunks(BATCH)
                .map(|batch| batch.iter().map(|key| key.as_ref().to_owned()).collect())
                .collect(),
            None => Vec::new(),
        };
        let cache = self.clone();
        async move {
            let Some(remote) = &cache.inner.remote else {
                return;
            };
            for keys in batches {
                let message = Message::Dropped {
                    keys: keys.clone(),
                    at,
                };
                cache
                    .deliver(remote, &keys, at, message.encode().as_deref())
                    .await;
            }
        }
    }

    /// Applies a batch of the invalidation log, then raises the watermark. The log is read by one task, every batch once
    /// and in order; an empty batch is worth applying, as it raises the watermark too. The first batch need not reach back:
    /// what Redis holds from before it is not believed.
    pub async fn apply_log<S: AsRef<str>>(&self, keys: &[S], position: LogPosition) {
        let first = self.watermark().is_none();
        self.note(keys, position.seen);
        {
            let mut book = self.book();
            book.floors.know(position.seen.later(position.watermark));
            if first {
                book.floors.distrust_redis();
            }
            book.floors.sweep(self.inner.time.now());
        }
        if let Some(remote) = &self.inner.remote {
            for batch in keys.chunks(BATCH) {
                self.deliver(remote, batch, position.seen, None).await;
            }
            self.deliver_owed(remote).await;
        }
        self.raise_watermark(position.watermark);
    }

    /// Empties the local tier. Loads under way end without being kept.
    pub fn clear_local(&self) {
        let mut book = self.book();
        book.flights.orphan_all();
        self.inner.local.clear();
    }

    /// Makes every value from before `at` invalid for this process, in both tiers, and raises the watermark to it: for a
    /// process that fell further behind than the invalidation log reaches. `at` has to be sampled after the log was read, as
    /// [`LogPosition::seen`] is.
    pub fn distrust_before(&self, at: Mark) {
        {
            let mut book = self.book();
            book.flights.orphan_all();
            book.floors.raise_everything(at);
            self.inner.local.clear();
        }
        self.raise_watermark(at);
    }

    /// Tells the processes of the region that the writes of `principal` reach up to `at`; the writer calls it after COMMIT
    /// for clients that do not send their token back. Lost when Redis is away.
    pub async fn announce(&self, principal: &str, at: Mark) {
        let Some(remote) = &self.inner.remote else {
            return;
        };
        let message = Message::Wrote {
            principal: principal.to_owned(),
            at,
        };
        if let Some(message) = message.encode()
            && remote.publish(&message).await.is_err()
        {
            tracing::debug!("a write was not announced to the region");
        }
    }

    /// Listens to the other processes of the region until `shutdown` ends: drops what they dropped, and calls `on_wrote`
    /// with what they [announce](Self::announce) (this process's own announcements included). Connects again for ever.
    pub async fn run(&self, on_wrote: impl Fn(&str, Mark), shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let Some(remote) = &self.inner.remote else {
            shutdown.await;
            return;
        };
        let channel = remote.channel();
        loop {
            let listening = bus::listen(
                remote.link(),
                &channel,
                // What was said while nobody listened is lost.
                || self.clear_local(),
                |message| match message {
                    Message::Dropped { keys, at } => self.drop_here(&keys, at),
                    Message::Wrote { principal, at } => on_wrote(&principal, at),
                },
            );
            tokio::select! {
                () = &mut shutdown => return,
                ended = listening => match ended {
                    Ok(()) => tracing::warn!("the subscription to Redis ended"),
                    Err(error) => tracing::warn!(%error, "the subscription to Redis failed"),
                },
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(RESUBSCRIBE_AFTER) => {}
            }
        }
    }

    /// Counts one use of `limit` and decides whether it is within the budget.
    pub async fn limit(&self, limit: RateLimit<'_>) -> Decision {
        self.inner.limiter.decide(limit).await
    }

    async fn lead<K, F, Fut, E>(
        &self,
        leading: Leading<'_>,
        ttl: Duration,
        load: F,
    ) -> Result<K::Value, E>
    where
        K: Key,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Loaded<K::Value>, E>>,
    {
        // Read after the load can be invalidated: a change that is not in this watermark finds the load.
        let begun = self.watermark();
        if let Some(begun) = begun
            && let Some(value) = self.find_in_redis::<K>(&leading, begun, ttl).await
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
        let shared: Arc<dyn Any + Send + Sync> = Arc::<K::Value>::clone(&value);
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
    ) -> Option<K::Value> {
        let held = self.inner.remote.as_ref()?.get(leading.name).await;
        let held = held.filter(|held| {
            held.position.epoch == begun.epoch
                && self
                    .book()
                    .floors
                    .admit_from_redis(leading.name, held.position)
        });
        let found = held.and_then(|held| {
            let value: K::Value = serde_json::from_slice(&held.payload).ok()?;
            Some((Arc::new(value), held))
        });
        let Some((value, held)) = found else {
            telemetry::miss(Tier::Redis, K::KIND);
            return None;
        };
        telemetry::hit(Tier::Redis, K::KIND);
        let shared: Arc<dyn Any + Send + Sync> = Arc::<K::Value>::clone(&value);
        // It may be old, but nothing up to `begun` has changed it.
        leading.flight.settle(Outcome::Done {
            value: Arc::clone(&shared),
            vouched: Some(begun),
        });
        self.keep_here(leading, shared, held.position, ttl, held.payload.len());
        Some(Arc::unwrap_or_clone(value))
    }

    async fn keep<K: Key>(
        &self,
        leading: &Leading<'_>,
        value: &K::Value,
        shared: Arc<dyn Any + Send + Sync>,
        position: Mark,
        ttl: Duration,
    ) {
        let payload = match serde_json::to_vec(value) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(kind = K::KIND, %error, "a value cannot be cached: it has no JSON form");
                return;
            }
        };
        let kept = self.keep_here(leading, shared, position, ttl, payload.len());
        if kept && let Some(remote) = &self.inner.remote {
            let ttl = jittered(ttl.min(MAX_TTL), leading.name, position);
            remote.fill(leading.name, position, &payload, ttl).await;
        }
    }

    /// Puts a value into the local tier unless its key was invalidated since the load began, or from beyond its position.
    fn keep_here(
        &self,
        leading: &Leading<'_>,
        value: Arc<dyn Any + Send + Sync>,
        position: Mark,
        ttl: Duration,
        bytes: usize,
    ) -> bool {
        let ttl = jittered(ttl.min(self.inner.local_ttl), leading.name, position);
        let expires = self.inner.time.now() + ttl;
        let book = self.book();
        let keeps = book.flights.current(leading.name, &leading.flight)
            && book.floors.admit(leading.name, position);
        if keeps {
            self.inner
                .local
                .put(leading.name, value, position, expires, bytes);
        }
        keeps
    }

    fn local_hit<K: Key>(&self, name: &str, watermark: Mark) -> Option<K::Value> {
        let now = self.inner.time.now();
        let hit = self.inner.local.get(name, watermark.epoch, now);
        if hit.is_some() {
            telemetry::hit(Tier::Local, K::KIND);
        } else {
            telemetry::miss(Tier::Local, K::KIND);
        }
        hit
    }

    /// Drops `keys` from this process and remembers that Redis has to be told.
    fn note<S: AsRef<str>>(&self, keys: &[S], at: Mark) {
        self.drop_and_raise(keys, at, self.inner.remote.is_some());
    }

    /// Drops `keys` from this process; somebody else has told Redis.
    fn drop_here<S: AsRef<str>>(&self, keys: &[S], at: Mark) {
        self.drop_and_raise(keys, at, false);
    }

    fn drop_and_raise<S: AsRef<str>>(&self, keys: &[S], at: Mark, owes_redis: bool) {
        let now = self.inner.time.now();
        let mut book = self.book();
        for key in keys {
            let name = key.as_ref();
            book.flights.orphan(name);
            book.floors.raise(name, at, now, owes_redis);
            self.inner.local.drop_older(name, at);
        }
    }

    async fn deliver<S: AsRef<str>>(
        &self,
        remote: &Remote,
        keys: &[S],
        at: Mark,
        message: Option<&str>,
    ) -> bool {
        let delivered = remote.drop_older(keys, at, message).await.is_ok();
        if delivered {
            self.book().floors.delivered(keys, at);
        }
        delivered
    }

    async fn deliver_owed(&self, remote: &Remote) {
        loop {
            let owed = {
                let book = self.book();
                telemetry::owed_invalidations(book.floors.owed_count());
                book.floors.owed(BATCH)
            };
            let Some((keys, at)) = owed else {
                return;
            };
            if !self.deliver(remote, &keys, at, None).await {
                return;
            }
        }
    }

    fn raise_watermark(&self, mark: Mark) {
        let before = self.watermark();
        if before.is_some_and(|before| before.epoch < mark.epoch) {
            self.clear_local();
        }
        let mut watermark = self
            .inner
            .watermark
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *watermark = Some(watermark.map_or(mark, |known| known.later(mark)));
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.inner.book)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("watermark", &self.watermark())
            .field("redis", &self.inner.remote.is_some())
            .finish_non_exhaustive()
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

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
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
