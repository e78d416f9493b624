//! Conversions between columns and the domain's types.

use diesel::deserialize::{FromSqlRow, Queryable};
use diesel::pg::Pg;
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

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wildcards_of_the_searched_text_are_literal() {
        assert_eq!(contains(r"50%_\"), r"%50\%\_\\%");
    }
}
