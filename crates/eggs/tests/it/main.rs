//! Real eggs, and the eggs this product ships.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod corpus;
mod leaves;
mod losses;
mod malformed;
mod models;
mod paper;
mod starter;
