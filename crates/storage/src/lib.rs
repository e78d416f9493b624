//! The panel's database: pools, who is asked, query functions per entity, migrations.
//!
//! A reading gets a connection that is fresh enough ([`Db::read`]), a writing gets a transaction on the primary
//! ([`Db::write`]); what each can do is decided by its type.

pub mod consistency;
mod db;
mod error;
mod schema;

pub use consistency::Position;
pub use db::{
    Commit, CommitObserver, Committed, Db, Freshness, InvalidUrl, ReadConn, ReadSql, ReadStatement,
    Readable, RoundTrips, RowsOf, Select, Source, Sql, StorageOptions, Tx,
};
pub use error::Error;
