//! A pooled connection and the statements that are under way on it.

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
use super::round_trips::Counters;
use super::select::{DriverRow, RowsOf};
use super::server::Server;
use crate::error::{Error, is_transient};

/// The rows of two statements.
pub(super) type Both<U, V> = (Vec<U>, Vec<V>);

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
    pub(super) fn load_queries<A, U, B, V>(
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
    pub(super) fn load_query<Q, U>(
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
pub(super) type Decode<U> = fn(&DriverRow) -> Result<U, DieselError>;
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
