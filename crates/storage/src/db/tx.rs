//! The transaction on the primary.

use std::future::Future;

use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, QueryId};

use super::readable::{Readable, sealed};
use super::select::{RowsOf, Select};
use super::session::{Both, Session};
use crate::error::Error;

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

    async fn row<Q, U>(&mut self, query: Q) -> Result<Option<U>, Error>
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        Ok(self.session.load(query).await?.into_iter().next())
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
