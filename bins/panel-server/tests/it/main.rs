//! The program as an operator runs it: a process with an environment.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod commands;
mod process;
mod serve;
