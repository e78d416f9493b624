//! Changing a mount.

use panel_domain::activity::Event;
use panel_domain::id::MountId;
use panel_domain::mount;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::mounts::{self, MountChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{find, taken};
use crate::cx::Cx;
use crate::error::Error;
use crate::servers::sync_node;

/// Changes a mount. The servers that have it are told; it takes effect when they are started next.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name or a pair of folders that another one has.
pub async fn update(cx: &Cx, id: MountId, changes: MountChanges) -> Result<(), Error> {
    cx.require_admin(AdminPermission::MountsUpdate)?;
    let before = find(cx, id).await?;
    let mut invalid = Invalid::new();
    mount::check(
        changes.name.as_deref().unwrap_or(&before.name),
        changes
            .description
            .as_ref()
            .unwrap_or(&before.description)
            .as_deref(),
        changes.source.as_deref().unwrap_or(&before.source),
        changes.target.as_deref().unwrap_or(&before.target),
        &mut invalid,
    );
    invalid.finish()?;
    let nothing = changes.name.is_none()
        && changes.description.is_none()
        && changes.source.is_none()
        && changes.target.is_none()
        && changes.read_only.is_none()
        && changes.user_mountable.is_none();
    if nothing {
        return Ok(());
    }
    let name = changes.name.clone().unwrap_or(before.name);
    let entry = cx.entry(Event::MountUpdate, json!({ "uuid": id, "name": name }));
    let now = cx.now();
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            if !taken(mounts::update(tx, id, changes).await)? {
                return Err(Error::not_found("mount"));
            }
            for server in mounts::servers_with(tx, id, None).await? {
                sync_node(tx, server, now)?;
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
