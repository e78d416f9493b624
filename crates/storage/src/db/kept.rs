//! Which statements stay prepared on a connection.

use diesel::backend::Backend;
use diesel::pg::{Pg, PgQueryBuilder};
use diesel::query_builder::{AstPass, Query, QueryBuilder as _, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// A statement that is prepared once per connection wherever its text can repeat.
///
/// diesel has every UPDATE and every upsert prepared anew, a round trip each, since their texts depend on the values: which fields
/// of a changeset are set, how many rows are inserted. Here the former are kept, under their text: there are only so many. The
/// latter are not.
pub(super) struct Kept<'q, Q>(pub(super) &'q Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Kept<'_, Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Pg) -> QueryResult<bool> {
        Ok(self.0.is_safe_to_cache_prepared(backend)? || repeats(&sql_of(self.0, backend)?))
    }
}

impl<Q: QueryId> QueryId for Kept<'_, Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Kept<'_, Q> {
    type SqlType = Q::SqlType;
}

fn sql_of(query: &impl QueryFragment<Pg>, backend: &Pg) -> QueryResult<String> {
    let mut sql: <Pg as Backend>::QueryBuilder = PgQueryBuilder::default();
    query.to_sql(&mut sql, backend)?;
    Ok(sql.finish())
}

/// Whether there are only so many statements of this form: an UPDATE, or an INSERT of one row.
fn repeats(sql: &str) -> bool {
    sql.starts_with("UPDATE ") || (sql.starts_with("INSERT ") && !sql.contains("), ("))
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        fruits (id) {
            id -> Integer,
            name -> Text,
        }
    }

    fn stays(query: impl QueryFragment<Pg>) -> bool {
        Kept(&query).is_safe_to_cache_prepared(&Pg).unwrap()
    }

    #[test]
    fn only_texts_that_repeat_stay_prepared() {
        let row = |name: &'static str| fruits::name.eq(name);
        assert!(stays(fruits::table.filter(fruits::id.eq(1))));
        assert!(stays(diesel::update(fruits::table).set(row("fig"))));
        assert!(stays(diesel::delete(fruits::table)));
        let upsert = |values| {
            diesel::insert_into(fruits::table)
                .values(values)
                .on_conflict(fruits::id)
                .do_update()
                .set(row("fig"))
        };
        assert!(stays(upsert(row("fig"))));
        assert!(!stays(
            diesel::insert_into(fruits::table).values(vec![row("fig"), row("kiwi")])
        ));
        assert!(!stays(diesel::sql_query("SELECT 1")));
    }
}
