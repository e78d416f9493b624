//! Removing a policy.

use panel_domain::activity::Event;
use panel_domain::id::SystemBackupPolicyId;
use panel_domain::permission::AdminPermission;
use panel_jobs::payload::PruneBackups;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::system_backup_policies as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// Removes a policy. Its backups are deleted with it, or become backups like any other of their servers.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: SystemBackupPolicyId, delete_backups: bool) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesDelete)?;
    let row = find(cx, id).await?;
    let entry = cx.entry(
        Event::SystemBackupPolicyDelete,
        json!({ "uuid": id, "name": row.name, "delete_backups": delete_backups }),
    );
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let found = if delete_backups {
                enqueue(tx, &PruneBackups {}, now, EnqueueOptions::default())?;
                rows::begin_deletion(tx, id, now).await?
            } else {
                rows::delete(tx, id).await?
            };
            if !found {
                return Err(Error::not_found("system backup policy"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
