//! The tool as it is called.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod contract;
mod relay;
mod topology;
