//! Locations: places that group nodes.

mod create;
mod delete;
mod duplicate;
mod read;
mod update;

pub use create::{NewLocation, create};
pub use delete::delete;
pub use duplicate::duplicate;
pub use panel_storage::locations::{Location, LocationChanges};
pub(crate) use read::find;
pub use read::{get, list, nodes};
pub use update::update;

/// What the table's rule on names means to somebody who broke it.
const NAME_KEY: &str = "locations_name_key";
const NAME_TAKEN: &str = "is the name of another location";
