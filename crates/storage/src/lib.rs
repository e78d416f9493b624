//! The panel's database: pools, who is asked, query functions per entity, migrations.
//!
//! A reading gets a connection that is fresh enough ([`Db::read`]), a writing gets a transaction on the primary
//! ([`Db::write`]); what each can do is decided by its type.

pub mod command_snippets;
pub mod consistency;
mod db;
mod error;
pub mod lease;
pub mod migrate;
mod parts;
mod schema;
pub mod system_backup_policies;
pub mod types;

pub mod activities;
pub mod allocations;
pub mod api_keys;
pub mod backup_configurations;
pub mod backups;
pub mod eggs;
pub mod idempotency_keys;
pub mod locations;
pub mod mounts;
pub mod nests;
pub mod nodes;
pub mod operations;
pub mod roles;
pub mod row_counts;
pub mod schedules;
pub mod server_groups;
pub mod servers;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod ssh_keys;
pub mod stats;
pub mod subusers;
pub mod transfers;
pub mod two_factor;
pub mod users;

pub use consistency::Position;
pub use db::{
    Commit, CommitObserver, Committed, Db, Freshness, InvalidUrl, LateSql, Literal, Probe,
    ReadConn, ReadLog, ReadSql, ReadStatement, Readable, Reason, RoundTrips, Route, RowsOf, Select,
    ServerHealth, Source, Sql, StorageOptions, Tx, Uncommitted, in_background,
};
pub use error::Error;
pub use parts::Part;
