//! SQL by hand, for what diesel's builder has no words for.
//!
//! Unlike `diesel::sql_query`, whose statements are prepared anew at every run (a round trip each), these are kept
//! prepared by their text. Values go in by [`bind`](ReadSql::bind) only.

use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{SqlType, Untyped};

type Fragment = Box<dyn QueryFragment<Pg> + Send>;

enum Part {
    Text(&'static str),
    Value(Fragment),
}

macro_rules! statement {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[must_use = "a statement does nothing until it is run"]
        pub struct $name(Vec<Part>);

        impl $name {
            /// Appends `text`, as it is.
            pub fn sql(mut self, text: &'static str) -> Self {
                self.0.push(Part::Text(text));
                self
            }

            /// Appends a parameter of the SQL type `ST`.
            pub fn bind<ST, V>(mut self, value: V) -> Self
            where
                ST: SqlType + TypedExpressionType,
                V: AsExpression<ST>,
                V::Expression: QueryFragment<Pg> + Send + 'static,
            {
                self.0.push(Part::Value(Box::new(value.as_expression())));
                self
            }
        }

        impl QueryFragment<Pg> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                for part in &self.0 {
                    match part {
                        Part::Text(text) => out.push_sql(text),
                        Part::Value(value) => value.walk_ast(out.reborrow())?,
                    }
                }
                Ok(())
            }
        }

        impl QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl Query for $name {
            type SqlType = Untyped;
        }
    };
}

statement! {
    /// A SELECT written by hand. Its rows are `diesel::QueryableByName`: columns are found by name.
    ///
    /// A function with side effects or a writing WITH would get through the types; on a replica its session refuses
    /// them.
    ReadSql
}

statement! {
    /// Any statement written by hand, for [`Tx`](super::Tx) only. Its rows are `diesel::QueryableByName`.
    Sql
}

impl ReadSql {
    /// `SELECT` followed by `rest`.
    pub fn select(rest: &'static str) -> Self {
        Self(vec![Part::Text("SELECT "), Part::Text(rest)])
    }

    /// `WITH` followed by `rest`, which must be readings only.
    pub fn with(rest: &'static str) -> Self {
        Self(vec![Part::Text("WITH "), Part::Text(rest)])
    }
}

impl Sql {
    /// A statement that begins with `text`.
    pub fn new(text: &'static str) -> Self {
        Self(vec![Part::Text(text)])
    }
}
