//! Statements that are sent together with COMMIT.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use ipnet::IpNet;
use serde_json::Value;
use uuid::Uuid;

use super::Tx;

/// A statement with its values written out, for [`Tx::at_commit`].
///
/// It travels as text, since a prepared statement could be overtaken by the COMMIT behind it. Texts are written as hexadecimal,
/// so that nothing in them can be taken for SQL.
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing until it is run"]
pub struct LateSql(String);

impl LateSql {
    /// A statement that begins with `text`.
    pub fn new(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Appends `text`, as it is.
    pub fn sql(mut self, text: &'static str) -> Self {
        self.0.push_str(text);
        self
    }

    /// Appends a value.
    pub fn value(mut self, value: impl Literal) -> Self {
        value.write(&mut self.0);
        self
    }

    /// Appends values, with commas between them.
    pub fn values<V: Literal>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let mut separator = "";
        for value in values {
            self.0.push_str(separator);
            value.write(&mut self.0);
            separator = ",";
        }
        self
    }
}

impl std::fmt::Display for LateSql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tx {
    /// Runs `statement` with COMMIT, after everything else of the transaction: it costs no round trip of its own. What the
    /// database refuses about it is the error of the transaction.
    pub fn at_commit(&mut self, statement: LateSql) {
        self.pending.statements.push(statement.0);
    }
}

/// A value that can be written into SQL.
pub trait Literal {
    /// Appends the value as an expression of its SQL type.
    fn write(&self, sql: &mut String);
}

impl<T: Literal + ?Sized> Literal for &T {
    fn write(&self, sql: &mut String) {
        (**self).write(sql);
    }
}

impl<T: Literal> Literal for Option<T> {
    fn write(&self, sql: &mut String) {
        match self {
            Some(value) => value.write(sql),
            None => sql.push_str("NULL"),
        }
    }
}

impl Literal for str {
    fn write(&self, sql: &mut String) {
        sql.push_str("convert_from(");
        push_bytes(sql, self.as_bytes());
        sql.push_str(",'UTF8')");
    }
}

impl Literal for String {
    fn write(&self, sql: &mut String) {
        self.as_str().write(sql);
    }
}

impl Literal for [u8] {
    fn write(&self, sql: &mut String) {
        push_bytes(sql, self);
    }
}

impl Literal for Vec<u8> {
    fn write(&self, sql: &mut String) {
        self.as_slice().write(sql);
    }
}

impl Literal for Value {
    fn write(&self, sql: &mut String) {
        self.to_string().write(sql);
        sql.push_str("::jsonb");
    }
}

impl Literal for Uuid {
    fn write(&self, sql: &mut String) {
        push(sql, format_args!("'{self}'::uuid"));
    }
}

impl Literal for DateTime<Utc> {
    fn write(&self, sql: &mut String) {
        let text = self.to_rfc3339_opts(SecondsFormat::Micros, true);
        push(sql, format_args!("'{text}'::timestamptz"));
    }
}

impl Literal for IpNet {
    fn write(&self, sql: &mut String) {
        push(sql, format_args!("'{self}'::inet"));
    }
}

macro_rules! as_it_is {
    ($($kind:ty)+) => {
        $(impl Literal for $kind {
            fn write(&self, sql: &mut String) {
                push(sql, format_args!("{self}"));
            }
        })+
    };
}

as_it_is!(bool i16 i32 i64);

/// Appends an expression of the type bytea.
pub(crate) fn push_bytes(sql: &mut String, bytes: &[u8]) {
    sql.push_str("decode('");
    for byte in bytes {
        push(sql, format_args!("{byte:02x}"));
    }
    sql.push_str("','hex')");
}

#[expect(clippy::expect_used, reason = "writing to a String cannot fail")]
pub(crate) fn push(sql: &mut String, arguments: std::fmt::Arguments<'_>) {
    sql.write_fmt(arguments).expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_cannot_be_taken_for_sql() {
        let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let statement = LateSql::new("SELECT ")
            .value("a')--")
            .sql(", ")
            .value(None::<&str>)
            .sql(", ")
            .value(json!({"a": "'"}))
            .sql(", ")
            .values([-1_i64, 2])
            .sql(", ")
            .value(Some(Uuid::nil()))
            .sql(", ")
            .value(at)
            .sql(", ")
            .value(vec![255_u8])
            .sql(", ")
            .value(IpNet::from(std::net::IpAddr::from([10, 0, 0, 1])));
        assert_eq!(
            statement.0,
            "SELECT convert_from(decode('6127292d2d','hex'),'UTF8'), NULL, \
             convert_from(decode('7b2261223a2227227d','hex'),'UTF8')::jsonb, -1,2, \
             '00000000-0000-0000-0000-000000000000'::uuid, '2026-01-02T03:04:05.000000Z'::timestamptz, \
             decode('ff','hex'), '10.0.0.1/32'::inet"
        );
    }
}
