//! The simulator over real sockets, against a small panel of the tests' own.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod boot;
mod faults;
mod files;
mod install;
mod panel;
mod power;
mod replay;
mod socket;
