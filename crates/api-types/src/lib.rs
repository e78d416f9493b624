//! What the HTTP API takes and gives: one module per noun, plain data with its OpenAPI schema.
//!
//! Names, types and nullability of fields are those of the public contract; fields that only this panel has come on
//! top. Identifiers are bare UUIDs here, since that is what a client sees. Changes (`Update..`) leave alone what is
//! absent; where a field can be empty, `null` empties it.

pub mod account;
pub mod activity;
pub mod allocation;
pub mod announcement;
pub mod auth;
pub mod backup;
pub mod backup_configuration;
pub mod command_snippet;
pub mod egg;
pub mod error;
pub mod file;
pub mod location;
pub mod mount;
pub mod nest;
pub mod node;
pub mod page;
mod patch;
pub mod permission;
pub mod role;
pub mod schedule;
pub mod server;
pub mod server_group;
pub mod settings;
pub mod setup;
pub mod ssh_key;
pub mod stats;
pub mod subuser;
pub mod system_backup_policy;
pub mod transfer;
pub mod user;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer of an operation that has nothing to say: `{}`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub struct Empty {}

/// The answer of an operation that deleted several things.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Deleted {
    /// How many were deleted.
    pub deleted: i64,
}

/// Default of fields that are on unless a file says otherwise.
const fn truthy() -> bool {
    true
}
