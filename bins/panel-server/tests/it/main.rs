//! The program as an operator runs it: a process with an environment.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helper has no better answer"
)]

mod commands;
mod crash;
mod migrate;
mod process;
mod rolling;
mod serve;
