//! The client against real sockets: a recorded daemon, and nodes that misbehave.

#![expect(clippy::unwrap_used, reason = "a test's helper has no better answer")]

mod calls;
mod daemon;
mod newest;
mod nodes;
mod recording;
mod tokens;
mod wire;
