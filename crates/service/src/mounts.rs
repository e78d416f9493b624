//! Mounts: folders of nodes that servers may have in their containers.

mod attach;
mod create;
mod delete;
mod places;
mod read;
mod update;

pub use attach::{attach, attached, detach};
pub use create::{NewMount, create, duplicate};
pub use delete::delete;
pub use panel_storage::mounts::{Holder, Mount, MountChanges};
pub use places::{eggs, nodes, servers};
pub use read::{get, list};
pub use update::update;

use panel_domain::id::MountId;

use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A mount as an administrator sees it on something that has it.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The mount.
    pub mount: Mount,
    /// Since when.
    pub since: chrono::DateTime<chrono::Utc>,
}

/// A mount that a server has, or could have.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The mount.
    pub mount: Mount,
    /// Since when the server has it; nothing while it has not.
    pub since: Option<chrono::DateTime<chrono::Utc>>,
}

/// What the table's rules mean to somebody who broke them.
fn taken<T>(written: Result<T, panel_storage::Error>) -> Result<T, Error> {
    match written {
        Err(error) if error.is_conflict_on("mounts_name_key") => {
            Err(error).taken("mounts_name_key", "name", "is the name of another mount")
        }
        other => other.taken(
            "mounts_source_target_key",
            "target",
            "is where another mount has this folder already",
        ),
    }
}

/// A mount that has to exist.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn find(cx: &Cx, id: MountId) -> Result<Mount, Error> {
    panel_storage::mounts::find(&mut cx.read().await?, id)
        .await?
        .ok_or(Error::not_found("mount"))
}
