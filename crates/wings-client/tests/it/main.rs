//! The client against real sockets: a recorded daemon, and nodes that misbehave.

mod calls;
mod daemon;
mod nodes;
mod recording;
mod tokens;
mod wire;
