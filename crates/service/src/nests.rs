//! Nests: groups of eggs.

mod create;
mod delete;
mod read;
mod update;

pub use create::{NewNest, create};
pub use delete::delete;
pub use panel_storage::nests::{Nest, NestChanges};
pub(crate) use read::find;
pub use read::{NestEggs, get, list, with_eggs};
pub use update::update;

/// What the table's rule on names means to somebody who broke it.
pub(crate) const NAME_KEY: &str = "nests_name_key";
pub(crate) const NAME_TAKEN: &str = "is the name of another nest";
