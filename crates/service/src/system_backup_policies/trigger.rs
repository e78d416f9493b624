//! Following a policy at once.

use panel_domain::activity::Event;
use panel_domain::id::SystemBackupPolicyId;
use panel_domain::permission::AdminPermission;
use panel_jobs::payload::MakeSystemBackups;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::system_backup_policies::{self as rows, SystemBackupPolicyChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// Has a policy make its backups now, also one that is disabled. Servers that wait for their turn already do so once only.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn trigger(cx: &Cx, id: SystemBackupPolicyId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesUpdate)?;
    let row = find(cx, id).await?;
    let now = cx.now();
    let entry = cx.entry(
        Event::SystemBackupPolicyTrigger,
        json!({ "uuid": id, "name": row.name }),
    );
    let changes = SystemBackupPolicyChanges {
        triggered_at: Some(now),
        ..SystemBackupPolicyChanges::default()
    };
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            if !rows::update(tx, id, changes).await? {
                return Err(Error::not_found("system backup policy"));
            }
            rows::fill_queue(tx, id, now).await?;
            enqueue(tx, &MakeSystemBackups {}, now, EnqueueOptions::default())?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
