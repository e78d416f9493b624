//! The API over HTTP: the real use cases and routes on a database of the test's own.

mod account;
mod auth;
mod authorization;
mod infrastructure;
mod servers;
mod setup;
mod users;
