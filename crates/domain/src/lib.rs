//! The rules of the panel, without any I/O: identifiers, limits, states, permissions and who may do what.
//!
//! Everything here is a value or a pure function; time and randomness come in as arguments (see [`clock`]).

pub mod activity;
pub mod actor;
pub mod allocation;
pub mod api_key;
pub mod backup;
pub mod clock;
pub mod command_snippet;
pub mod egg;
pub mod files;
pub mod id;
pub mod location;
pub mod mount;
pub mod node;
pub mod operation;
pub mod page;
pub mod permission;
pub mod policy;
pub mod role;
pub mod schedule;
pub mod server;
pub mod server_group;
pub mod ssh_key;
pub mod transfer;
pub mod user;
pub mod validate;
