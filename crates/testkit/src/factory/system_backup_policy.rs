//! Policies for backups that the panel makes by itself.

use panel_domain::id::SystemBackupPolicyId;
use panel_storage::system_backup_policies::{self as policies, Covered, SystemBackupPolicy};
use scoped_futures::ScopedFutureExt as _;

use super::{number, write};
use crate::app::TestApp;

/// A policy that is disabled and covers these.
pub async fn system_backup_policy(app: &TestApp, covered: &[Covered]) -> SystemBackupPolicyId {
    let row = SystemBackupPolicy {
        id: SystemBackupPolicyId::new_v4(),
        name: format!("Policy {}", number()),
        description: None,
        backup_configuration_id: None,
        enabled: false,
        cron: "0 4 * * *".to_owned(),
        parallelism: 2,
        retention_count: None,
        retention_days: None,
        due_at: None,
        triggered_at: None,
        created_at: app.now(),
    };
    let (row, now) = (&row, app.now());
    write(app, "a policy for backups", |tx| {
        async move {
            policies::insert(tx, row).await?;
            for covered in covered {
                policies::attach(tx, row.id, *covered, now).await?;
            }
            Ok(row.id)
        }
        .scope_boxed()
    })
    .await
}
