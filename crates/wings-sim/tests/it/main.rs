//! The simulator over real sockets, against a small panel of the tests' own.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod boot;
mod crowd;
mod faults;
mod files;
mod install;
mod panel;
mod power;
mod quirks;
mod replay;
mod socket;
mod table;
