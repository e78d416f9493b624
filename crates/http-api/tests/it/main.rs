//! The API over HTTP: the real use cases and routes on a database of the test's own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helper has no better answer"
)]

mod account;
mod auth;
mod authorization;
mod command_snippets;
mod consistency;
mod final_reports;
mod hostile_node;
mod idempotency;
mod infrastructure;
mod kept;
mod limits;
mod races;
mod redis_faults;
mod remote;
mod secrets;
mod servers;
mod setup;
mod ssh_keys;
mod transfers;
mod two_factor;
mod users;
