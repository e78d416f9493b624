//! Making a mount.

use panel_domain::activity::Event;
use panel_domain::id::MountId;
use panel_domain::mount;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::mounts::{self, Mount};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{find, taken};
use crate::cx::Cx;
use crate::error::Error;

/// A new mount.
#[derive(Debug, Clone)]
pub struct NewMount {
    /// Unique among mounts.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// The folder on nodes.
    pub source: String,
    /// Where it is in containers.
    pub target: String,
    /// Whether servers cannot write there.
    pub read_only: bool,
    /// Whether users may choose it for their servers.
    pub user_mountable: bool,
}

/// Makes a mount. It is attached to nothing yet.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name or a pair of folders that another one has.
pub async fn create(cx: &Cx, input: NewMount) -> Result<Mount, Error> {
    cx.require_admin(AdminPermission::MountsCreate)?;
    insert(cx, input).await
}

/// Makes a mount like `id` under another name and with other folders.
///
/// # Errors
/// As [`create`], and [`Error::NotFound`].
pub async fn duplicate(
    cx: &Cx,
    id: MountId,
    name: String,
    source: String,
    target: String,
) -> Result<Mount, Error> {
    cx.require_admin(AdminPermission::MountsCreate)?;
    let model = find(cx, id).await?;
    let input = NewMount {
        name,
        description: model.description,
        source,
        target,
        read_only: model.read_only,
        user_mountable: model.user_mountable,
    };
    insert(cx, input).await
}

async fn insert(cx: &Cx, input: NewMount) -> Result<Mount, Error> {
    let mut invalid = Invalid::new();
    mount::check(
        &input.name,
        input.description.as_deref(),
        &input.source,
        &input.target,
        &mut invalid,
    );
    invalid.finish()?;
    let row = Mount {
        id: MountId::new_v4(),
        name: input.name,
        description: input.description,
        source: input.source,
        target: input.target,
        read_only: input.read_only,
        user_mountable: input.user_mountable,
        created_at: cx.now(),
    };
    let details = json!({
        "uuid": row.id, "name": row.name, "source": row.source, "target": row.target,
    });
    let entry = cx.entry(Event::MountCreate, details);
    let (row_ref, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            taken(mounts::insert(tx, row_ref).await)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(row)
}
