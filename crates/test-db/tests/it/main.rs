//! The test servers themselves: isolation, loss and return, and that nothing is left behind.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod databases;
mod servers;
