//! Deleting a role.

use panel_domain::activity::Event;
use panel_domain::id::RoleId;
use panel_domain::permission::AdminPermission;
use panel_domain::policy;
use panel_storage::consistency::RevocationKind;
use panel_storage::roles;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::grants_of;
use crate::cx::Cx;
use crate::error::Error;

/// Deletes a role that grants nothing the caller does not have; its holders are left without one.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: RoleId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::RolesDelete)?;
    let role = roles::find(&mut cx.read_primary().await?, id)
        .await?
        .ok_or(Error::not_found("role"))?;
    policy::may_change_role(cx.actor(), Some(&grants_of(&role)), None)?;
    let entry = cx.entry(Event::RoleDelete, json!({ "uuid": id, "name": role.name }));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !roles::delete(tx, id).await? {
                return Err(Error::not_found("role"));
            }
            tx.revoke(RevocationKind::Role, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
