//! One request: who asks, and what they must be shown.

use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use panel_cache::{Key, Loaded, Mark, Reader};
use panel_domain::actor::Actor;
use panel_domain::id::UserId;
use panel_storage::{Freshness, Position, ReadConn, ReadLog, Source, Tx};
use scoped_futures::ScopedBoxFuture;

use crate::answers::{Holder, Noted, Proof};
use crate::app::{App, Inner};
use crate::auth::{Access, Identity};
use crate::error::Error;
use crate::idempotency::Once;
use crate::operations::Rule;

/// What is known of a request apart from who makes it.
#[derive(Debug, Clone, Default)]
pub struct RequestMeta {
    /// Its id in logs and error answers.
    pub id: String,
    /// Address of the client.
    pub ip: Option<IpAddr>,
    /// Its `User-Agent`.
    pub user_agent: String,
    /// The consistency token that the client sent, as it came.
    pub consistency_token: Option<String>,
    /// What it is for.
    pub access: Access,
}

/// A request: the first argument of every use case.
pub struct Cx {
    pub(crate) app: App,
    actor: Actor,
    request: RequestMeta,
    /// What the actor has to be shown at least: what its token says, or what it was seen to write lately.
    position: Mutex<Option<Position>>,
    wrote: Mutex<Option<Position>>,
    /// Set for a request with an idempotency key.
    once: OnceLock<Once>,
    /// Whom the request has signed in.
    signed_in: OnceLock<UserId>,
    /// The credential that the actor was found by.
    pub(crate) proof: Option<Proof>,
    /// What the answer that is being made shows, while one is that may be kept.
    pub(crate) noted: Mutex<Option<Noted>>,
}

impl Cx {
    pub(crate) fn new(app: App, who: Identity, request: RequestMeta) -> Self {
        let Identity { actor, proof } = who;
        let token = request.consistency_token.as_deref();
        let position = actor
            .user()
            .and_then(|user| position_of(&app, Holder::of(user), token, Instant::now()));
        Self {
            proof,
            noted: Mutex::new(None),
            app,
            actor,
            request,
            position: Mutex::new(position),
            wrote: Mutex::new(None),
            once: OnceLock::new(),
            signed_in: OnceLock::new(),
        }
    }

    /// Who asks.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &RequestMeta {
        &self.request
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.app.now()
    }

    pub(crate) fn parts(&self) -> &Inner {
        &self.app.0
    }

    pub(crate) fn position(&self) -> Option<Position> {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that shows at least what the actor has written.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no database that is fresh enough can be reached.
    pub async fn read(&self) -> Result<ReadConn, Error> {
        let freshness = self.position().map_or(Freshness::Any, Freshness::AtLeast);
        self.noting_fitness(self.read_held(freshness).await?).await
    }

    /// A connection to the primary, for credentials, permissions, limits and states.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no database can be reached.
    pub async fn read_primary(&self) -> Result<ReadConn, Error> {
        self.noting_fitness(self.read_held(Freshness::Primary).await?)
            .await
    }

    /// While an answer is made that may be kept: notes when what is read from here must not be.
    async fn noting_fitness(&self, mut conn: ReadConn) -> Result<ReadConn, Error> {
        let is_noting = || {
            let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.is_some()
        };
        if is_noting() && !conn.may_fill_caches().await? {
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(noted) = noted.as_mut() {
                noted.unfit = true;
            }
        }
        Ok(conn)
    }

    /// Runs `work` in one transaction on the primary. It may run more than once, so it makes no ids and reads no clock.
    ///
    /// For a request with an idempotency key the transaction is committed when the answer was made, together with it; until
    /// then only this request sees what was written.
    ///
    /// # Errors
    /// What `work` gives, or [`Error::Unavailable`].
    pub async fn write<'a, T, F>(&self, work: F) -> Result<T, Error>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, Error>> + Send + Sync + 'a,
        T: Send + 'a,
    {
        #[cfg(debug_assertions)]
        if self.app.0.failpoints.without(Rule::CommitFirst) && self.is_forgotten() {
            return self.forget(work).await;
        }
        if let Some(once) = self.once() {
            return once.write(self, work).await;
        }
        let committed = self.app.0.db.write(work).await?;
        self.wrote(committed.position).await;
        Ok(committed.value)
    }

    /// Whether this is one of the changes that a sabotaged process loses: some, after those that a panel needs to be of use.
    #[cfg(debug_assertions)]
    fn is_forgotten(&self) -> bool {
        use std::sync::atomic::{AtomicU64, Ordering};
        static CHANGES: AtomicU64 = AtomicU64::new(0);
        let number = CHANGES.fetch_add(1, Ordering::Relaxed);
        number > 60 && number.is_multiple_of(7)
    }

    /// Answers as if `work` was committed, and rolls it back.
    #[cfg(debug_assertions)]
    async fn forget<'a, T, F>(&self, work: F) -> Result<T, Error>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, Error>> + Send + Sync + 'a,
        T: Send + 'a,
    {
        use scoped_futures::ScopedFutureExt as _;
        let done = Mutex::new(None);
        let (work, kept) = (&work, &done);
        let rolled_back: Result<_, Error> = self
            .app
            .0
            .db
            .write(|tx| {
                async move {
                    let value = work(tx).await?;
                    *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                    Err::<(), Error>(Error::internal("this change is lost on purpose"))
                }
                .scope_boxed()
            })
            .await;
        let value = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (value, rolled_back) {
            (Some(value), _) => Ok(value),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(Error::internal("a lost change was committed")),
        }
    }

    /// What this request acts under, when it came with an idempotency key.
    pub(crate) fn once(&self) -> Option<&Once> {
        self.once.get()
    }

    /// From now on the request acts under a key. A second one is not taken.
    pub(crate) fn act_once(&self, once: Once) {
        if self.once.set(once).is_err() {
            tracing::error!("A request has claimed two idempotency keys");
        }
    }

    /// A test may want the process to stop here.
    pub(crate) async fn reach(&self, place: &str) {
        self.app.0.failpoints.reach(place).await;
    }

    /// A transaction of this request was committed: whoever made it is to see that from now on.
    pub(crate) async fn wrote(&self, position: Position) {
        let later = |slot: &Mutex<Option<Position>>| {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            *slot = Some(slot.map_or(position, |known| known.later(position)));
        };
        later(&self.position);
        later(&self.wrote);
        if let Some(principal) = principal(&self.actor) {
            self.app
                .0
                .recent_writes
                .note(&principal, position, Instant::now());
            let (cache, at) = (&self.app.0.cache, mark_of(position));
            if self.request.consistency_token.is_some() {
                cache.announce(&principal, at).await;
            } else {
                // Whoever sends no token back is shown this by what the others have heard.
                cache.announce_and_wait(&principal, at).await;
            }
        }
    }

    /// This request has signed somebody in: what it wrote is theirs to see.
    pub fn note_signed_in(&self, user: UserId) {
        self.signed_in.get_or_init(|| user);
    }

    /// The consistency token of what this request wrote, for its answer; `None` when it wrote nothing or nobody is signed in.
    #[must_use]
    pub fn consistency_token(&self) -> Option<String> {
        let wrote = (*self.wrote.lock().unwrap_or_else(PoisonError::into_inner))?;
        let signed_in = || self.signed_in.get().map(ToString::to_string);
        self.token_for(&principal(&self.actor).or_else(signed_in)?, wrote)
    }

    fn token_for(&self, principal: &str, position: Position) -> Option<String> {
        Some(self.app.0.db.tokens().sign(position, principal, self.now()))
    }

    /// What a cached value has to vouch for before this reader may be given it.
    pub(crate) fn reader(&self) -> Reader {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        // An answer that is kept vouches for all that it was made of.
        let vouched = noted.as_ref().and_then(|noted| noted.position);
        drop(noted);
        let position = match (self.position(), vouched) {
            (Some(own), Some(vouched)) => Some(own.later(vouched)),
            (own, vouched) => own.or(vouched),
        };
        position.map_or(Reader::Any, |position| Reader::AtLeast(mark_of(position)))
    }

    /// The value of `key` from the caches when this reader may use them, else from `load`, which gets a connection to the primary.
    ///
    /// # Errors
    /// What `load` gives; that is not cached.
    pub(crate) fn cached<K, F, Fut>(
        &self,
        key: &K,
        ttl: Duration,
        load: F,
    ) -> impl Future<Output = Result<K::Value, Error>>
    where
        K: Key,
        F: FnOnce(ReadConn) -> Fut,
        Fut: Future<Output = Result<K::Value, Error>>,
    {
        self.cached_if(key, ttl, |_| true, load)
    }

    /// As [`cached`](Self::cached), but of what is held only a value for which `stands` says yes.
    ///
    /// # Errors
    /// As [`cached`](Self::cached).
    pub(crate) async fn cached_if<K, P, F, Fut>(
        &self,
        key: &K,
        ttl: Duration,
        stands: P,
        load: F,
    ) -> Result<K::Value, Error>
    where
        K: Key,
        P: Fn(&K::Value) -> bool,
        F: FnOnce(ReadConn) -> Fut,
        Fut: Future<Output = Result<K::Value, Error>>,
    {
        if let Some(conn) = self.once().and_then(Once::reader) {
            // What is not committed is in no cache, and must not get there.
            return load(conn).await;
        }
        let reader = self.reader();
        if let Some(position) = self.position() {
            self.app.0.db.await_caches(position);
        }
        let (loads, replaces) = (AtomicBool::new(false), AtomicBool::new(false));
        let stands = |value: &K::Value| {
            let stands = stands(value);
            replaces.fetch_or(!stands, Ordering::Relaxed);
            stands
        };
        let value = self
            .app
            .0
            .cache
            .get_or_load_if(key, ttl, reader, stands, || async {
                loads.store(true, Ordering::Relaxed);
                // Taken first: whatever database is chosen afterwards has come at least this far.
                let position = self.app.0.db.watermark();
                let mut conn = self.read_primary().await?;
                let fills = conn.may_fill_caches().await?;
                let replaces = replaces.load(Ordering::Relaxed);
                let position = self.vouched(&mut conn, key, position, replaces).await?;
                let value = load(conn).await?;
                Ok(match position {
                    Some(position) if fills => Loaded::at(mark_of(position), value),
                    _ => Loaded::uncacheable(value),
                })
            })
            .await;
        if !loads.load(Ordering::Relaxed) {
            ReadLog::add(format_args!("cache={}", K::KIND));
        }
        value
    }
}

impl Cx {
    /// What a value of `key` vouches for that is read from `conn` from now on; `reached` is the watermark from before `conn` was
    /// chosen. Where the key has changed since, or is known to (`replaces`), the primary is asked how far it has come: with a log that
    /// is followed on a replica which lags, nothing that changes would be kept for as long otherwise.
    async fn vouched<K: Key>(
        &self,
        conn: &mut ReadConn,
        key: &K,
        reached: Option<Position>,
        replaces: bool,
    ) -> Result<Option<Position>, Error> {
        let Some(reached) = reached else {
            return Ok(None);
        };
        let suffices = !replaces && self.parts().cache.would_keep(key, mark_of(reached));
        if conn.source() == Source::Replica || suffices {
            return Ok(Some(reached));
        }
        Ok(Some(reached.later(conn.position().await?)))
    }
}

/// How long what is cached of somebody's authority holds while nobody can be asked whether it was taken back.
const HOLDS_WITHOUT_PRIMARY: Duration = Duration::from_secs(60);

impl App {
    /// Whether the primary went away so lately that what was cached of somebody's authority still holds, for readings.
    pub(crate) fn holds_without_primary(&self) -> bool {
        let age = self.0.revocations.age(Instant::now());
        age.is_some_and(|age| age <= HOLDS_WITHOUT_PRIMARY)
    }
}

/// The answer to what needs the primary while it is away.
pub(crate) const fn primary_away() -> Error {
    Error::Unavailable {
        retry_after: Duration::from_secs(2),
    }
}

/// How far a database must have come for the user to see what they wrote: what the token of the request says, or what this
/// process has heard lately.
pub(crate) fn position_of(
    app: &App,
    holder: Holder,
    token: Option<&str>,
    now: Instant,
) -> Option<Position> {
    let mut text = uuid::Uuid::encode_buffer();
    let principal = holder.user.uuid().hyphenated().encode_lower(&mut text);
    let told = token.and_then(|token| app.0.db.tokens().read(token, principal, app.now()));
    // First: what is heard in between must not be missed.
    let complete = !holder.is_program() || app.0.recent_writes.is_complete(now);
    let seen = app.0.recent_writes.of(principal, now);
    if app.0.failpoints.without(Rule::OwnWrites) {
        return None;
    }
    match (told, seen) {
        // Browsers send back what they were told. Programs seldom do.
        (None, _) if !complete => Some(Position::LATEST),
        (Some(told), Some(seen)) => Some(told.later(seen)),
        (told, seen) => told.or(seen),
    }
}

/// Under which name a principal's writes are remembered.
fn principal(actor: &Actor) -> Option<String> {
    actor.user_id().map(|id| id.to_string())
}

/// The cache's form of a position.
pub(crate) fn mark_of(position: Position) -> Mark {
    Mark::new(
        u64::try_from(position.epoch).unwrap_or(0),
        u64::try_from(position.lsn).unwrap_or(0),
    )
}
