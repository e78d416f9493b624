//! The use cases. Every decision is made here: whether the caller may, whether the state of things allows it, what is written
//! together, what happens on a node.
//!
//! A use case is a free function that takes a [`Cx`] (who asks, by which request) and its input. The HTTP adapter, the
//! queue's handlers and the operator's command line call the same ones.

mod app;
mod authorize;
mod cx;
mod error;
mod keys;
mod node_calls;
mod refresh;

pub mod accounts;
pub mod activity;
pub mod allocations;
pub mod answers;
pub mod api_keys;
pub mod auth;
pub mod backup_configurations;
pub mod backups;
pub mod command_snippets;
pub mod eggs;
pub mod files;
pub mod idempotency;
pub mod limits;
pub mod locations;
pub mod mounts;
pub mod nests;
pub mod nodes;
pub mod operations;
pub mod relay;
pub mod remote;
pub mod roles;
pub mod schedules;
pub mod server_groups;
pub mod servers;
pub mod sessions;
pub mod settings;
pub mod spool;
pub mod ssh_keys;
pub mod stats;
pub mod system_backup_policies;
pub mod two_factor;
pub mod users;

pub use app::{App, AppParts, Options};
pub use authorize::Authorized;
pub use cx::{Cx, RequestMeta};
pub use error::Error;
pub use keys::{ServerFacts, SubuserFacts};
pub use panel_storage::ReadLog;
pub use refresh::Background;
