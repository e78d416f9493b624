//! Which queries only read, decided by their type.

use diesel::deserialize::FromSqlRow;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::query_builder::{
    AsQuery, BoxedSelectStatement, QueryFragment, QueryId, SelectStatement,
};
use diesel::query_dsl::CompatibleType;

use super::sql::ReadSql;

mod sealed {
    pub trait Statement {}
    pub trait Query<U> {}
}

/// A statement that only reads: diesel's SELECT without a locking clause, plain or boxed, and [`ReadSql`].
pub trait ReadStatement: sealed::Statement {}

impl<S: sealed::Statement> ReadStatement for S {}

// The ninth parameter, the locking clause, stays at its default: FOR UPDATE belongs in a transaction.
impl<F, S, D, W, O, L, G, H> sealed::Statement for SelectStatement<F, S, D, W, O, L, G, H> {}
impl<ST, QS, DB, GB> sealed::Statement for BoxedSelectStatement<'_, ST, QS, DB, GB> {}
impl sealed::Statement for ReadSql {}

/// A row as the driver gives it.
pub(super) type DriverRow =
    <diesel_async::AsyncPgConnection as diesel_async::AsyncConnectionCore>::Row<'static, 'static>;

/// Anything that gives rows of `U` when it is run: a query of diesel's builder, RETURNING included, or raw SQL.
pub trait RowsOf<U>: AsQuery<Query: QueryFragment<Pg> + QueryId> + sealed::Query<U> {
    #[doc(hidden)]
    fn decode(row: &DriverRow) -> diesel::QueryResult<U>;
}

impl<Q, U, ST> sealed::Query<U> for Q
where
    Q: AsQuery<SqlType: CompatibleType<U, Pg, SqlType = ST>>,
    U: FromSqlRow<ST, Pg>,
{
}

impl<Q, U, ST> RowsOf<U> for Q
where
    Q: AsQuery<Query: QueryFragment<Pg> + QueryId>,
    Q::SqlType: CompatibleType<U, Pg, SqlType = ST>,
    U: FromSqlRow<ST, Pg>,
    Pg: QueryMetadata<Q::SqlType>,
{
    fn decode(row: &DriverRow) -> diesel::QueryResult<U> {
        U::build_from_row(row).map_err(diesel::result::Error::DeserializationError)
    }
}

/// A query that gives rows of `U` and changes nothing.
pub trait Select<U>: RowsOf<U> + AsQuery<Query: ReadStatement + Send> + Send {}

impl<Q, U> Select<U> for Q where Q: RowsOf<U> + AsQuery<Query: ReadStatement + Send> + Send {}
