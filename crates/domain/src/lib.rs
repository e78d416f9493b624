//! The rules of the panel, without any I/O: identifiers, limits, states, permissions and who may do what.
//!
//! Everything here is a value or a pure function; time and randomness come in as arguments (see [`clock`]).

pub mod actor;
pub mod clock;
pub mod id;
pub mod node;
pub mod page;
pub mod permission;
pub mod policy;
pub mod server;
pub mod validate;
