//! Policies by which the panel has backups made by itself. What the worker does by them is in `operations`.

mod create;
mod delete;
mod read;
mod scope;
mod trigger;
mod update;

pub use create::{NewSystemBackupPolicy, create};
pub use delete::delete;
pub use panel_storage::system_backup_policies::Covered;
pub(crate) use read::find;
pub use read::{SystemBackupPolicy, get, list};
pub use scope::{attach, detach, locations, nodes, servers};
pub use trigger::trigger;
pub use update::{ChangeSystemBackupPolicy, update};

/// What the table's rule on names means to somebody who broke it.
const NAME_TAKEN: &str = "is the name of another policy";
