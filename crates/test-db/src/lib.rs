//! Real databases for tests: a PostgreSQL database per test, and private Redis servers.
//!
//! * [`TestDatabase`] is an own database, empty or cloned from a migrated template.
//! * [`TestPostgres`] is an own server, for tests that stop it, and its streaming replicas ([`TestPostgres::replica`]).
//! * [`TestRedis`] is an own Redis, which a test may empty, hang, reconfigure, kill and restart.
//! * [`TestSentinels`] is a Redis with a replica and three Sentinels, which replace it when it is gone.
//!
//! `cargo xtask test` starts one PostgreSQL for the whole run and names it in `ROOST_TEST_POSTGRES_URL`
//! (a superuser's URL). Without it each test process starts its own, so plain `cargo test -p ...` works too.
//!
//! **Invariant:** nothing started here outlives the process that started it, however that process ends
//! (see [`mod@guard`]), and no server that already runs on the machine is touched.
//!
//! Everything here panics with the server's own words when a server cannot be had: a test has no better answer.

mod database;
#[expect(
    dead_code,
    reason = "the rig, which compiles this file too, looks closer at its processes"
)]
mod guard;
mod migrations;
mod postgres;
mod private;
mod redis;
mod replica;
mod sentinel;

pub use database::TestDatabase;
pub use postgres::TestPostgres;
pub use redis::TestRedis;
pub use sentinel::TestSentinels;
