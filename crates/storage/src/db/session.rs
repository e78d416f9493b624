//! The two kinds of connection: one that only reads, and a transaction on the primary.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::result::Error as DieselError;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::Source;
use super::kept::Kept;
use super::read::{Reason, Route};
use super::round_trips::Counters;
use super::select::{DriverRow, RowsOf, Select};
use super::server::{Server, Share};
use crate::error::{Error, is_transient};

/// The rows of two statements.
type Both<U, V> = (Vec<U>, Vec<V>);

/// A pooled connection that is closed instead of reused when it was left in the middle of something.
pub(crate) struct Session {
    connection: Option<Arc<Pooled>>,
    pub(crate) source: Source,
    server: Arc<Server>,
    counters: Arc<Counters>,
    /// A transaction is to be begun together with the next statement.
    begin_next: bool,
    /// A transaction is open.
    in_transaction: bool,
    /// A statement is under way: its answer was never read.
    busy: bool,
    /// What became of the transaction so far.
    pub(super) failure: Failure,
}

/// A connection that goes back to its pool with its last user, or is closed then.
struct Pooled {
    connection: Option<Object<AsyncPgConnection>>,
    unusable: AtomicBool,
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if *self.unusable.get_mut()
            && let Some(connection) = self.connection.take()
        {
            // Out of the pool, and closed.
            drop(Object::take(connection));
        }
    }
}

/// The worst that has happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failure {
    None,
    /// A statement was refused: the transaction can only be rolled back.
    Refused,
    /// As before, and running it all again may succeed (40001, 40P01).
    Transient,
    /// The connection broke or answered too late.
    Lost,
}

impl Session {
    pub(super) fn new(
        connection: Object<AsyncPgConnection>,
        server: Arc<Server>,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            connection: Some(Arc::new(Pooled {
                connection: Some(connection),
                unusable: AtomicBool::new(false),
            })),
            source: server.source,
            server,
            counters,
            begin_next: false,
            in_transaction: false,
            busy: false,
            failure: Failure::None,
        }
    }

    /// Sends what `statement` makes of the connection, together with a BEGIN that is due, and waits for it: one round trip.
    fn run<'s, T: Send + 's>(
        &'s mut self,
        statement: impl FnOnce(&'s AsyncPgConnection) -> BoxFuture<'s, Result<T, DieselError>>,
    ) -> BoxFuture<'s, Result<T, Error>> {
        let pooled = self.connection.as_ref();
        let Some(connection) = pooled.and_then(|pooled| pooled.connection.as_deref()) else {
            let gone = Error::unavailable("the connection was given up after an error");
            return std::future::ready(Err(gone)).boxed();
        };
        let answer = statement(connection);
        let begin = std::mem::take(&mut self.begin_next);
        self.in_transaction |= begin;
        let (busy, failure) = (&mut self.busy, &mut self.failure);
        let (server, source, counters) = (&self.server, self.source, &self.counters);
        async move {
            *busy = true;
            counters.waited(source);
            let answer = async {
                if begin {
                    // Both are on their way before the first is answered, in this order.
                    let mut shared = connection;
                    let (begun, answer) =
                        futures_util::future::join(shared.batch_execute("BEGIN"), answer).await;
                    begun.and(answer)
                } else {
                    answer.await
                }
            };
            let Some(answer) = while_alive(server, answer).await else {
                // `busy` stays: what comes late is not read by the next user of this connection.
                *failure = Failure::Lost;
                return Err(Error::unavailable(format!("{}: no answer", server.name)));
            };
            *busy = false;
            answer.map_err(|error| {
                let transient = is_transient(&error);
                let error = Error::from(error);
                let worse = match &error {
                    _ if transient => Failure::Transient,
                    Error::Unavailable { .. } => Failure::Lost,
                    _ => Failure::Refused,
                };
                *failure = worse.max(*failure);
                error
            })
        }
        .boxed()
    }

    /// Whether the connection has served others before.
    pub(super) fn was_reused(&self) -> bool {
        let pooled = self.connection.as_ref();
        pooled
            .and_then(|pooled| pooled.connection.as_ref())
            .is_some_and(|connection| Object::metrics(connection).recycle_count > 0)
    }

    /// Another session on the same connection, which sees what its transaction has done so far. Statements of both take turns.
    pub(super) fn share(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            source: self.source,
            server: Arc::clone(&self.server),
            counters: Arc::clone(&self.counters),
            begin_next: false,
            in_transaction: false,
            busy: false,
            failure: self.failure,
        }
    }

    /// Runs `first` and `second` in this order, each with a snapshot of its own, in one round trip.
    pub(crate) fn load_in_order<A, U, B, V>(
        &mut self,
        first: A,
        second: B,
    ) -> BoxFuture<'_, Result<Both<U, V>, Error>>
    where
        A: RowsOf<U>,
        B: RowsOf<V>,
        U: Send + 'static,
        V: Send + 'static,
    {
        let (first, second) = (first.as_query(), second.as_query());
        self.load_queries((&first, A::decode), (&second, B::decode))
    }

    /// What [`load_in_order`](Self::load_in_order) gives, by queries that may be run again elsewhere.
    fn load_queries<A, U, B, V>(
        &mut self,
        (first, decode_first): (&A, Decode<U>),
        (second, decode_second): (&B, Decode<V>),
    ) -> BoxFuture<'_, Result<Both<U, V>, Error>>
    where
        A: diesel::query_builder::Query + QueryFragment<Pg> + QueryId,
        B: diesel::query_builder::Query + QueryFragment<Pg> + QueryId,
        U: Send + 'static,
        V: Send + 'static,
    {
        let (first, second) = (Kept(first), Kept(second));
        // Polled in this order, each is sent at its first poll; where one must be prepared, the other waits for that.
        self.run(|connection| {
            let (mut one, mut two) = (connection, connection);
            let first = rows_of(AsyncConnectionCore::load(&mut one, first), decode_first);
            let second = rows_of(AsyncConnectionCore::load(&mut two, second), decode_second);
            futures_util::future::try_join(first, second).boxed()
        })
    }

    pub(crate) fn load<Q, U>(&mut self, query: Q) -> BoxFuture<'_, Result<Vec<U>, Error>>
    where
        Q: RowsOf<U>,
        U: Send + 'static,
    {
        self.load_query(&query.as_query(), Q::decode)
    }

    /// What `query` gives, which may be run again elsewhere.
    fn load_query<Q, U>(
        &mut self,
        query: &Q,
        decode: Decode<U>,
    ) -> BoxFuture<'_, Result<Vec<U>, Error>>
    where
        Q: diesel::query_builder::Query + QueryFragment<Pg> + QueryId,
        U: Send + 'static,
    {
        let query = Kept(query);
        self.count_if_uncached(&query);
        self.run(|mut connection| {
            rows_of(AsyncConnectionCore::load(&mut connection, query), decode)
        })
    }

    pub(crate) fn execute<Q>(&mut self, query: Q) -> BoxFuture<'_, Result<usize, Error>>
    where
        Q: QueryFragment<Pg> + QueryId,
    {
        let query = Kept(&query);
        self.count_if_uncached(&query);
        self.run(|mut connection| {
            AsyncConnectionCore::execute_returning_count(&mut connection, query)
        })
    }

    fn count_if_uncached(&self, query: &impl QueryFragment<Pg>) {
        if matches!(query.is_safe_to_cache_prepared(&Pg), Ok(false)) {
            self.counters.prepared();
        }
    }

    pub(super) fn begin(&mut self) {
        self.begin_next = true;
    }

    /// Ends the transaction without its changes. The connection is closed when even that fails.
    pub(super) async fn roll_back(&mut self) {
        self.begin_next = false;
        if !self.in_transaction || self.failure == Failure::Lost {
            return;
        }
        let rolled_back = self
            .run(|mut connection| async move { connection.batch_execute("ROLLBACK").await }.boxed())
            .await;
        match rolled_back {
            Ok(()) => self.in_transaction = false,
            Err(error) => tracing::debug!(%error, "a transaction could not be rolled back"),
        }
    }

    /// Runs `before` (statements by hand, may be empty), COMMIT and `sample` in one round trip. When `before` fails,
    /// COMMIT is not run.
    pub(super) async fn commit<Q, U>(&mut self, before: String, sample: Q) -> Result<Vec<U>, Error>
    where
        Q: RowsOf<U>,
        U: Send + 'static,
    {
        if !self.in_transaction && before.is_empty() {
            self.begin_next = false;
            return self.load(sample).await;
        }
        let begin = if std::mem::take(&mut self.begin_next) {
            "BEGIN;"
        } else {
            ""
        };
        self.in_transaction = true;
        let batch = format!("{begin}{before}COMMIT");
        let sample = sample.as_query();
        let rows = self
            .run(|mut connection| {
                let sample = rows_of(
                    AsyncConnectionCore::load(&mut connection, sample),
                    Q::decode,
                );
                async move {
                    let (committed, sample) =
                        futures_util::future::join(connection.batch_execute(&batch), sample).await;
                    committed.and(sample)
                }
                .boxed()
            })
            .await?;
        self.in_transaction = false;
        Ok(rows)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let unusable = self.busy || self.in_transaction || self.failure == Failure::Lost;
        if unusable && let Some(pooled) = &self.connection {
            pooled.unusable.store(true, Ordering::Relaxed);
        }
    }
}

/// What `answer` gives; nothing when the server fell silent. A statement may take its time, but then the server still answers
/// others.
async fn while_alive<T>(server: &Server, answer: impl Future<Output = T>) -> Option<T> {
    let mut answer = std::pin::pin!(answer);
    let deadline = tokio::time::Instant::now() + server.statement_timeout;
    let mut patience = server.patience;
    loop {
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        if let Ok(answer) = tokio::time::timeout(patience.min(left), &mut answer).await {
            return Some(answer);
        }
        if tokio::time::Instant::now() >= deadline {
            return None;
        }
        let alive = tokio::select! {
            answer = &mut answer => return Some(answer),
            alive = server.answers() => alive,
        };
        if !alive {
            return None;
        }
        patience = patience.saturating_mul(2);
    }
}

/// Makes what is asked for of one row.
type Decode<U> = fn(&DriverRow) -> Result<U, DieselError>;
type RowStream = <AsyncPgConnection as AsyncConnectionCore>::Stream<'static, 'static>;

pub(super) fn rows_of<'c, U: Send + 'static>(
    rows: BoxFuture<'c, Result<RowStream, DieselError>>,
    decode: Decode<U>,
) -> BoxFuture<'c, Result<Vec<U>, DieselError>> {
    async move {
        rows.await?
            .map(|row| row.and_then(|row| decode(&row)))
            .try_collect()
            .await
    }
    .boxed()
}

mod sealed {
    use std::future::Future;

    use super::{Both, Error, Select};

    pub trait Sealed {
        fn rows<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Vec<U>, Error>> + Send
        where
            Q: Select<U>,
            U: Send + 'static;

        fn rows_of_both<A, U, B, V>(
            &mut self,
            first: A,
            second: B,
        ) -> impl Future<Output = Result<Both<U, V>, Error>> + Send
        where
            A: Select<U>,
            B: Select<V>,
            U: Send + 'static,
            V: Send + 'static;
    }
}

/// What can be asked: a [`ReadConn`], or a [`Tx`] that also sees its own changes. Query functions that read take
/// `&mut impl Readable`.
pub trait Readable: Send + sealed::Sealed {
    /// All rows of `query`.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the database is away or late, [`Error::Internal`] when a row does not decode.
    fn load<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Vec<U>, Error>> + Send
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        self.rows(query)
    }

    /// The first row of `query`, which should ask for no more than one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none; else as [`load`](Self::load).
    fn first<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<U, Error>> + Send
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        let rows = self.rows(query);
        async move { rows.await?.into_iter().next().ok_or(Error::NotFound) }
    }

    /// The first row of `query`, which should ask for no more than one, or none.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    fn optional<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Option<U>, Error>> + Send
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        let rows = self.rows(query);
        async move { Ok(rows.await?.into_iter().next()) }
    }

    /// All rows of two queries, in one round trip.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    fn pair<A, U, B, V>(
        &mut self,
        first: A,
        second: B,
    ) -> impl Future<Output = Result<(Vec<U>, Vec<V>), Error>> + Send
    where
        A: Select<U>,
        B: Select<V>,
        U: Send + 'static,
        V: Send + 'static,
    {
        self.rows_of_both(first, second)
    }

    /// One page of a list: the rows of `rows`, and the number that `total` gives, in one round trip.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    fn page<T, Q, U>(
        &mut self,
        total: T,
        rows: Q,
    ) -> impl Future<Output = Result<(Vec<U>, i64), Error>> + Send
    where
        T: Select<i64>,
        Q: Select<U>,
        U: Send + 'static,
    {
        let both = self.rows_of_both(total, rows);
        async move {
            let (totals, rows) = both.await?;
            Ok((rows, totals.into_iter().next().ok_or(Error::NotFound)?))
        }
    }
}

/// A connection to some database that is fresh enough, for reading.
///
/// It runs queries by [`Readable`]'s methods and no others. A SELECT compiles:
///
/// ```
/// # use diesel::prelude::*;
/// # diesel::table! { fruits (id) { id -> Integer, name -> Text } }
/// # use panel_storage::{Error, ReadConn, Readable};
/// async fn names(conn: &mut ReadConn) -> Result<Vec<String>, Error> {
///     conn.load(fruits::table.select(fruits::name)).await
/// }
/// ```
///
/// INSERT .. RETURNING gives rows as well, and does not:
///
/// ```compile_fail,E0277
/// # use diesel::prelude::*;
/// # diesel::table! { fruits (id) { id -> Integer, name -> Text } }
/// # use panel_storage::{Error, ReadConn, Readable};
/// async fn names(conn: &mut ReadConn) -> Result<Vec<String>, Error> {
///     conn.load(diesel::insert_into(fruits::table).values(fruits::name.eq("fig")).returning(fruits::name)).await
/// }
/// ```
///
/// Neither does UPDATE .. RETURNING:
///
/// ```compile_fail,E0277
/// # use diesel::prelude::*;
/// # diesel::table! { fruits (id) { id -> Integer, name -> Text } }
/// # use panel_storage::{Error, ReadConn, Readable};
/// async fn names(conn: &mut ReadConn) -> Result<Vec<String>, Error> {
///     conn.load(diesel::update(fruits::table).set(fruits::name.eq("fig")).returning(fruits::name)).await
/// }
/// ```
///
/// nor a row lock:
///
/// ```compile_fail,E0277
/// # use diesel::prelude::*;
/// # diesel::table! { fruits (id) { id -> Integer, name -> Text } }
/// # use panel_storage::{Error, ReadConn, Readable};
/// async fn names(conn: &mut ReadConn) -> Result<Vec<String>, Error> {
///     conn.load(fruits::table.select(fruits::name).for_update()).await
/// }
/// ```
///
/// nor SQL that was not written as a reading:
///
/// ```compile_fail,E0277
/// # use panel_storage::{Error, ReadConn, Readable, Sql};
/// # #[derive(diesel::QueryableByName)]
/// # struct Name { #[diesel(sql_type = diesel::sql_types::Text)] name: String }
/// async fn names(conn: &mut ReadConn) -> Result<Vec<Name>, Error> {
///     conn.load(Sql::new("DELETE FROM fruits RETURNING name")).await
/// }
/// ```
///
/// And there is nothing to execute with:
///
/// ```compile_fail,E0599
/// # use diesel::prelude::*;
/// # diesel::table! { fruits (id) { id -> Integer, name -> Text } }
/// # use panel_storage::{Error, ReadConn, Readable};
/// async fn clear(conn: &mut ReadConn) -> Result<usize, Error> {
///     conn.execute(diesel::delete(fruits::table)).await
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use diesel::prelude::*;
/// # use diesel_async::RunQueryDsl;
/// # diesel::table! { fruits (id) { id -> Integer, name -> Text } }
/// # use panel_storage::ReadConn;
/// async fn clear(conn: &mut ReadConn) -> diesel::QueryResult<usize> {
///     diesel::delete(fruits::table).execute(conn).await
/// }
/// ```
pub struct ReadConn {
    pub(super) session: Session,
    pub(super) db: super::Db,
    pub(super) route: Route,
    /// It was said that what it gives may be kept in the caches.
    pub(super) fills_caches: bool,
}

impl ReadConn {
    pub(super) fn new(session: Session, db: super::Db, route: Route) -> Self {
        route.count();
        Self {
            session,
            db,
            route,
            fills_caches: false,
        }
    }

    /// Which kind of database answers.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.session.source
    }
}

impl ReadConn {
    /// Whether a reading that ended with `failure` is to be done again, on the primary, where this connection leads from now on: a
    /// replica that died, or that cancelled the query because the log had to go on, is no reason to fail.
    async fn moves_to_primary(&mut self, failure: &Error) -> Result<bool, Error> {
        let for_the_replica = self.session.source == Source::Replica
            && self.route.reason != Reason::PrimaryAway
            && matches!(
                failure,
                Error::Unavailable { .. } | Error::Contention { .. }
            );
        if !for_the_replica {
            return Ok(false);
        }
        let Ok(primary) = self.db.session(Share::Common).await else {
            return Ok(false);
        };
        self.session = primary;
        self.route = Route::primary(Reason::ReplicaFailed);
        self.route.count();
        // The primary may not show yet what the replica has shown.
        Ok(!self.fills_caches || self.may_fill_caches().await?)
    }
}

impl sealed::Sealed for ReadConn {
    async fn rows<Q, U>(&mut self, query: Q) -> Result<Vec<U>, Error>
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        let query = query.as_query();
        let loading = self.session.load_query(&query, Q::decode);
        let failure = match loading.await {
            Ok(rows) => return Ok(rows),
            Err(failure) => failure,
        };
        if !self.moves_to_primary(&failure).await? {
            return Err(failure);
        }
        let loading = self.session.load_query(&query, Q::decode);
        loading.await
    }

    async fn rows_of_both<A, U, B, V>(&mut self, first: A, second: B) -> Result<Both<U, V>, Error>
    where
        A: Select<U>,
        B: Select<V>,
        U: Send + 'static,
        V: Send + 'static,
    {
        let (first, second) = (first.as_query(), second.as_query());
        let loading = self
            .session
            .load_queries((&first, A::decode), (&second, B::decode));
        let failure = match loading.await {
            Ok(rows) => return Ok(rows),
            Err(failure) => failure,
        };
        if !self.moves_to_primary(&failure).await? {
            return Err(failure);
        }
        let loading = self
            .session
            .load_queries((&first, A::decode), (&second, B::decode));
        loading.await
    }
}

impl Readable for ReadConn {}

/// A transaction on the primary: reads and writes, seen by others when all of it is committed.
///
/// Made by [`Db::write`](super::Db::write). BEGIN goes out with the first statement, and what
/// [`at_commit`](Self::at_commit), [`invalidate`](Self::invalidate) and [`revoke`](Self::revoke) gathered goes out with COMMIT,
/// so that a transaction of n statements costs n + 1 round trips. A statement that failed ends the transaction: there are no savepoints; use
/// `ON CONFLICT`.
pub struct Tx {
    pub(super) session: Session,
    pub(crate) pending: super::commit::Pending,
}

impl Tx {
    pub(super) fn new(mut session: Session) -> Self {
        session.begin();
        Self {
            session,
            pending: super::commit::Pending::default(),
        }
    }

    /// All rows of any `query`: also of a locking SELECT and of RETURNING.
    ///
    /// # Errors
    ///
    /// What the database refused, by its constraints; [`Error::Unavailable`] when it is away or late.
    pub async fn load<Q, U>(&mut self, query: Q) -> Result<Vec<U>, Error>
    where
        Q: RowsOf<U> + Send,
        U: Send + 'static,
    {
        self.session.load(query).await
    }

    /// The first row of any `query`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none; else as [`load`](Self::load).
    pub async fn first<Q, U>(&mut self, query: Q) -> Result<U, Error>
    where
        Q: RowsOf<U> + Send,
        U: Send + 'static,
    {
        let rows = self.session.load(query).await?;
        rows.into_iter().next().ok_or(Error::NotFound)
    }

    /// The first row of any `query`, or none.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn optional<Q, U>(&mut self, query: Q) -> Result<Option<U>, Error>
    where
        Q: RowsOf<U> + Send,
        U: Send + 'static,
    {
        Ok(self.session.load(query).await?.into_iter().next())
    }

    /// Runs a statement; gives the number of rows that it changed.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn execute<Q>(&mut self, statement: Q) -> Result<usize, Error>
    where
        Q: QueryFragment<Pg> + QueryId + Send,
    {
        self.session.execute(statement).await
    }
}

impl sealed::Sealed for Tx {
    fn rows<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Vec<U>, Error>> + Send
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        self.session.load(query)
    }

    fn rows_of_both<A, U, B, V>(
        &mut self,
        first: A,
        second: B,
    ) -> impl Future<Output = Result<Both<U, V>, Error>> + Send
    where
        A: Select<U>,
        B: Select<V>,
        U: Send + 'static,
        V: Send + 'static,
    {
        self.session.load_in_order(first, second)
    }
}

impl Readable for Tx {}
