//! Where users are signed in.

mod delete;
mod read;

pub use delete::{delete, delete_others};
pub use panel_storage::sessions::Session;
pub use read::list;
