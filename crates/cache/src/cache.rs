//! Both tiers composed, and what is invalidated in them.

mod load;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use crate::announcements::Announcements;
use crate::bus::{self, Message};
use crate::change::Change;
use crate::flight::Flights;
use crate::floors::Floors;
use crate::limits::{Decision, Limiter, RateLimit};
use crate::link::{Away, Link};
use crate::local::Local;
use crate::mark::Mark;
use crate::options::{Options, OptionsError};
use crate::remote::Remote;
use crate::telemetry;
use crate::time::Monotonic;
pub use load::Loaded;

/// How many keys one message to Redis names.
const BATCH: usize = 500;

/// The pause before a broken subscription is made again.
const RESUBSCRIBE_AFTER: Duration = Duration::from_secs(1);

/// How often a process says something to itself within the time that it relies on what it has heard.
const ECHOES: u32 = 3;

/// The pause before a write is announced again.
const SAID_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// Where in the database's history a batch of the invalidation log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    /// Sampled **before** the log was read: with this batch, every change up to here has been seen.
    pub watermark: Mark,
    /// Sampled **after** the log was read, from the same database: every change in the batch lies at or before it.
    pub seen: Mark,
}

/// What a process hears of the others of its region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News<'a> {
    /// From now on everything is heard.
    Listening,
    /// The writes of `principal` reach up to `at`.
    Wrote {
        /// Whose.
        principal: &'a str,
        /// How far.
        at: Mark,
    },
    /// Everything that was said before this moment has been heard.
    Heard {
        /// When.
        until: Instant,
    },
    /// From now on, or since a few seconds ago, nothing is heard.
    Deaf,
}

/// Both tiers. Cloning is cheap and gives the same cache.
#[derive(Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    local: Local,
    local_ttl: Duration,
    heard_within: Duration,
    remote: Option<Remote>,
    limiter: Limiter,
    announcements: Announcements,
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
        let channel = remote.as_ref().map(Remote::channel).unwrap_or_default();
        Ok(Self {
            inner: Arc::new(Inner {
                announcements: Announcements::new(&channel),
                local: Local::new(options.local_capacity),
                local_ttl: options.local_ttl,
                heard_within: options.heard_within,
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

    /// Makes `keys` invalid that this process changed with a transaction: in this process before this returns, in the region, as far as Redis can be reached, by the future it returns, which may be spawned. To be
    /// called after COMMIT and before the answer is given.
    pub fn invalidate<S: AsRef<str>, C: Into<Change>>(
        &self,
        keys: &[S],
        change: C,
    ) -> impl Future<Output = ()> + Send + use<S, C> {
        let change = change.into();
        for key in keys {
            self.note(key.as_ref(), change);
        }
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
                    change,
                };
                cache
                    .deliver(remote, &keys, change.at, message.encode().as_deref())
                    .await;
            }
        }
    }

    /// Applies a batch of the invalidation log, then raises the watermark. The log is read by one task, every batch once
    /// and in order; an empty batch is worth applying, as it raises the watermark too. The first batch need not reach back:
    /// what Redis holds from before it is not believed. Each row is a key and the [`id`](Change::id) of its change.
    pub async fn apply_log<S: AsRef<str>>(
        &self,
        rows: &[(S, Option<Uuid>)],
        position: LogPosition,
    ) {
        let first = self.watermark().is_none();
        let mut news = Vec::new();
        for (key, id) in rows {
            let (key, id) = (key.as_ref(), *id);
            let at = position.seen;
            if self.note(key, Change { at, id }) {
                news.push(key);
            }
        }
        {
            let mut book = self.book();
            book.floors.know(position.seen.later(position.watermark));
            if first {
                book.floors.distrust_redis();
            }
            if book.floors.sweep(self.inner.time.now()) {
                self.inner.local.sweep(self.inner.time.now());
            }
        }
        if let Some(remote) = &self.inner.remote {
            for batch in news.chunks(BATCH) {
                self.deliver(remote, batch, position.seen, None).await;
            }
            self.deliver_owed(remote).await;
        }
        self.raise_watermark(position.watermark);
    }

    /// Whether a value of `key` that was read at `position` would be kept: as far as this process knows, it has not changed since.
    #[must_use]
    pub fn would_keep<K: crate::Key>(&self, key: &K, position: Mark) -> bool {
        self.book().floors.admit(&key.name(), position)
    }

    /// Whether there is a tier inside the process.
    #[must_use]
    pub fn has_local_tier(&self) -> bool {
        self.inner.local.is_on()
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
        if self.say_wrote(principal, at, None).await.is_err() {
            tracing::debug!("a write was not announced to the region");
        }
    }

    /// As [`announce`](Self::announce), and waits until all of them have heard it, or must have noticed that they hear nothing
    /// ([`Options::heard_within`]). A Redis that does not answer in time is asked again, for as long; whether it is gone they find out
    /// themselves.
    pub async fn announce_and_wait(&self, principal: &str, at: Mark) {
        let said = async {
            loop {
                let expected = self.inner.announcements.expect();
                let said = self
                    .say_wrote(principal, at, Some(expected.answer_to()))
                    .await;
                match said {
                    Ok(listeners) => return Some((expected, listeners)),
                    Err(Away) if self.connect().await => {
                        tokio::time::sleep(SAID_AGAIN_AFTER).await;
                    }
                    Err(Away) => return None,
                }
            }
        };
        let patience = self.inner.heard_within;
        let heard = match timeout(patience, said).await {
            // From when it was said: a process that has heard itself since then has heard this.
            Ok(Some((expected, listeners))) => timeout(patience, expected.by(listeners)).await,
            Ok(None) => Ok(false),
            Err(late) => Err(late),
        };
        if !heard.is_ok_and(|heard| heard) {
            telemetry::unheard_announcement();
        }
    }

    /// For how long what was heard is all that there is, after [`News::Heard`].
    #[must_use]
    pub fn heard_within(&self) -> Duration {
        self.inner.heard_within
    }

    /// Says to this process again and again what time it is, for ever. One that hears it has heard what others said before: Redis passes
    /// everything on in order.
    async fn echo(&self, remote: &Remote) {
        let announcements = &self.inner.announcements;
        let mut each = interval(self.inner.heard_within / ECHOES);
        each.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            each.tick().await;
            let echo = Message::Echo {
                moment: announcements.moment(),
            };
            if let Some(echo) = echo.encode()
                && remote
                    .publish(announcements.channel(), &echo)
                    .await
                    .is_err()
            {
                tracing::debug!("this process could not talk to itself");
            }
        }
    }

    /// Gives how many processes listen.
    async fn say_wrote(
        &self,
        principal: &str,
        at: Mark,
        answer_to: Option<(String, u64)>,
    ) -> Result<usize, Away> {
        let Some(remote) = &self.inner.remote else {
            return Ok(0);
        };
        let message = Message::Wrote {
            principal: principal.to_owned(),
            at,
            answer_to,
        };
        match message.encode() {
            Some(message) => remote.publish(&remote.channel(), &message).await,
            None => Err(Away),
        }
    }

    /// Listens to the other processes of the region until `shutdown` ends: drops what they dropped, and calls `on_news`
    /// with what they [announce](Self::announce) (this process's own announcements included). Connects again for ever.
    pub async fn run(&self, on_news: impl Fn(News<'_>), shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let Some(remote) = &self.inner.remote else {
            shutdown.await;
            return;
        };
        let channels = [
            remote.channel(),
            self.inner.announcements.channel().to_owned(),
        ];
        let mut following = std::pin::pin!(remote.link().follow_sentinels());
        loop {
            let listening = bus::listen(
                remote.link(),
                &channels,
                || {
                    // What was said while nobody listened is lost.
                    self.clear_local();
                    on_news(News::Listening);
                },
                |message| match message {
                    Message::Dropped { keys, change } => {
                        // Whoever says it has told Redis.
                        for key in &keys {
                            self.drop_here(key, change, false);
                        }
                    }
                    Message::Wrote {
                        principal,
                        at,
                        answer_to,
                    } => {
                        let principal = &principal;
                        on_news(News::Wrote { principal, at });
                        if let Some((channel, number)) = answer_to {
                            self.answer(channel, number);
                        }
                    }
                    Message::Heard { number } => self.inner.announcements.heard(number),
                    Message::Echo { moment } => {
                        let until = self.inner.announcements.when(moment);
                        on_news(News::Heard { until });
                    }
                },
            );
            tokio::select! {
                () = &mut shutdown => return,
                never = &mut following => match never {},
                () = self.echo(remote) => {}
                ended = listening => match ended {
                    Ok(()) => tracing::warn!("the subscription to Redis ended"),
                    Err(error) => tracing::warn!(%error, "the subscription to Redis failed"),
                },
            }
            on_news(News::Deaf);
            tokio::select! {
                () = &mut shutdown => return,
                never = &mut following => match never {},
                () = tokio::time::sleep(RESUBSCRIBE_AFTER) => {}
            }
        }
    }

    /// Tells whoever waits for it that an announcement was heard.
    fn answer(&self, channel: String, number: u64) {
        let cache = self.clone();
        tokio::spawn(async move {
            if let Some(remote) = &cache.inner.remote
                && let Some(message) = (Message::Heard { number }).encode()
                && remote.publish(&channel, &message).await.is_err()
            {
                tracing::debug!("an announcement was not answered");
            }
        });
    }

    /// Whether values of [`Key::SECRET`](crate::Key::SECRET) kinds are kept.
    #[must_use]
    pub fn keeps_secrets(&self) -> bool {
        self.inner.cache_secrets
    }

    /// Everything that the tier inside this process holds: the names of the keys and the JSON forms of the values. For tests
    /// that look for what must not be there.
    #[must_use]
    pub fn dump_local(&self) -> Vec<(String, String)> {
        self.inner.local.dump()
    }

    /// Counts one use of `limit` and decides whether it is within the budget, if that takes no round trip to Redis; else
    /// nothing is counted and [`limit`](Self::limit) has to be asked.
    #[must_use]
    pub fn limit_at_once(&self, limit: RateLimit<'_>) -> Option<Decision> {
        self.inner.limiter.spend(limit)
    }

    /// Counts one use of `limit` and decides whether it is within the budget.
    pub async fn limit(&self, limit: RateLimit<'_>) -> Decision {
        self.inner.limiter.decide(limit).await
    }

    /// Drops `key` from this process and remembers that Redis has to be told. Gives whether the change was new.
    fn note(&self, key: &str, change: Change) -> bool {
        self.drop_here(key, change, self.inner.remote.is_some())
    }

    fn drop_here(&self, key: &str, change: Change, owes_redis: bool) -> bool {
        let now = self.inner.time.now();
        let mut book = self.book();
        let new = book.floors.raise(key, change, now, owes_redis);
        if new {
            book.flights.orphan(key);
            self.inner.local.drop_older(key, change.at);
        }
        new
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

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}
