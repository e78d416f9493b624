//! Conversions between columns and the domain's types.

use diesel::IntoSql as _;
use diesel::deserialize::{FromSqlRow, Queryable};
use diesel::dsl::AsExprOf;
use diesel::pg::Pg;
use diesel::pg::data_types::PgInterval;
use diesel::sql_types::{self, SingleValue};
use uuid::Uuid;

/// A nullable id column, read as `Option` of a typed id.
pub struct Nullable<T>(Option<T>);

impl<T: From<Uuid>> Queryable<sql_types::Nullable<sql_types::Uuid>, Pg> for Nullable<T>
where
    sql_types::Uuid: SingleValue,
    Option<Uuid>: FromSqlRow<sql_types::Nullable<sql_types::Uuid>, Pg>,
{
    type Row = Option<Uuid>;

    fn build(row: Self::Row) -> diesel::deserialize::Result<Self> {
        Ok(Self(row.map(T::from)))
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(value: Nullable<T>) -> Self {
        value.0
    }
}

/// Text for `ILIKE` that finds `needle` anywhere, its wildcards taken literally.
pub(crate) fn contains(needle: &str) -> String {
    let mut pattern = String::with_capacity(needle.len() + 2);
    pattern.push('%');
    for c in needle.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// What is added to a time that what a search has found is ordered by, so that no index has it. With one the planner walks through all
/// rows in order until it has a page of what is searched, and that may be at the end.
pub(crate) fn no_time() -> AsExprOf<PgInterval, sql_types::Interval> {
    PgInterval::new(0, 0, 0).into_sql::<sql_types::Interval>()
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wildcards_of_the_searched_text_are_literal() {
        assert_eq!(contains(r"50%_\"), r"%50\%\_\\%");
    }
}
