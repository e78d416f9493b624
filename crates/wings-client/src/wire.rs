//! The documents that travel between the panel and a Wings daemon, in both directions.
//!
//! Types here are *tolerant when read and complete when written*: fields that a flavour leaves out have defaults, unknown fields are
//! ignored, and what the panel writes is the superset that Calagopus, Pterodactyl and Pelican Wings all accept. Each type names
//! the route it belongs to; `/api/..` is the daemon's API, `/api/remote/..` the panel's side of it.

pub mod backups;
pub mod config;
pub mod files;
pub mod machine;
pub mod maintenance;
pub mod remote;
pub mod schedules;
pub mod server;
pub mod system;
pub mod transfers;
pub mod websocket;
