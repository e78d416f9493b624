//! Numbers about the whole panel.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db::{ReadSql, Readable};
use crate::error::Error;

/// How many of each thing there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the tables")]
pub struct Counts {
    #[diesel(sql_type = BigInt)]
    pub users: i64,
    #[diesel(sql_type = BigInt)]
    pub servers: i64,
    #[diesel(sql_type = BigInt)]
    pub locations: i64,
    #[diesel(sql_type = BigInt)]
    pub nodes: i64,
    #[diesel(sql_type = BigInt)]
    pub eggs: i64,
    #[diesel(sql_type = BigInt)]
    pub roles: i64,
    #[diesel(sql_type = BigInt)]
    pub backup_configurations: i64,
}

/// Counts everything, in one statement.
pub async fn counts(conn: &mut impl Readable) -> Result<Counts, Error> {
    conn.first(ReadSql::select(
        "(SELECT coalesce(sum(entries), 0)::bigint FROM row_counts WHERE list = 'users') AS users, \
         (SELECT coalesce(sum(entries), 0)::bigint FROM row_counts WHERE list = 'servers') AS servers, \
         (SELECT count(*) FROM locations) AS locations, (SELECT count(*) FROM nodes) AS nodes, \
         (SELECT count(*) FROM eggs) AS eggs, (SELECT count(*) FROM roles) AS roles, \
         (SELECT count(*) FROM backup_configurations) AS backup_configurations",
    ))
    .await
}
