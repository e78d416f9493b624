//! The cache against a real Redis, with and without its local tier.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod bus;
mod fills;
mod hot_key;
mod limits;
mod outages;
mod relay;
mod sentinel;
mod support;
mod tiers;
