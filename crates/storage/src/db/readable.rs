//! What can be asked, of whatever kind of connection.

use std::future::Future;

use super::select::Select;
use super::session::Both;
use crate::error::Error;

pub(super) mod sealed {
    use std::future::Future;

    use super::{Both, Error, Select};

    pub trait Sealed {
        fn rows<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Vec<U>, Error>> + Send
        where
            Q: Select<U>,
            U: Send + 'static;

        fn row<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Option<U>, Error>> + Send
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
        let row = self.row(query);
        async move { row.await?.ok_or(Error::NotFound) }
    }

    /// The first row of `query`, which should ask for no more than one, or none. What a replica does not have is asked of the primary:
    /// it may be newer than what the replica shows.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    fn optional<Q, U>(&mut self, query: Q) -> impl Future<Output = Result<Option<U>, Error>> + Send
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        self.row(query)
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
