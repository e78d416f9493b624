//! The connection that only reads.

use super::Source;
use super::read::{Reason, Route};
use super::readable::{Readable, sealed};
use super::select::Select;
use super::server::Share;
use super::session::{Both, Session};
use crate::error::Error;

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
        let may_be_the_replicas = matches!(
            failure,
            Error::Unavailable { .. } | Error::Contention { .. }
        );
        if !may_be_the_replicas || !self.may_ask_primary() {
            return Ok(false);
        }
        match self.db.session(Share::Common).await {
            Ok(primary) => self.move_to(primary, Reason::ReplicaFailed).await,
            Err(_) => Ok(false),
        }
    }

    /// Whether a replica answers and the primary could.
    fn may_ask_primary(&self) -> bool {
        self.session.source == Source::Replica && self.route.reason != Reason::PrimaryAway
    }

    /// Leads to the primary from now on. Gives whether that may answer what the replica was asked.
    async fn move_to(&mut self, primary: Session, reason: Reason) -> Result<bool, Error> {
        self.session = primary;
        self.route = Route::primary(reason);
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

    async fn row<Q, U>(&mut self, query: Q) -> Result<Option<U>, Error>
    where
        Q: Select<U>,
        U: Send + 'static,
    {
        let query = query.as_query();
        let loading = self.session.load_query(&query, Q::decode);
        let moved = match loading.await.map(|rows| rows.into_iter().next()) {
            Ok(None) if self.may_ask_primary() => {
                let primary = self.db.session(Share::Common).await?;
                self.move_to(primary, Reason::NotFound).await?
            }
            Ok(found) => return Ok(found),
            Err(failure) if self.moves_to_primary(&failure).await? => true,
            Err(failure) => return Err(failure),
        };
        if !moved {
            return Ok(None);
        }
        let loading = self.session.load_query(&query, Q::decode);
        Ok(loading.await?.into_iter().next())
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
