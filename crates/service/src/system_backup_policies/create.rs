//! Making a policy.

use panel_domain::activity::Event;
use panel_domain::backup;
use panel_domain::id::{BackupConfigurationId, SystemBackupPolicyId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::system_backup_policies::{self as rows, NAME_KEY};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_TAKEN, SystemBackupPolicy};
use crate::backup_configurations;
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::servers::blank_is_none;

/// A new policy.
#[derive(Debug, Clone)]
pub struct NewSystemBackupPolicy {
    /// Unique among them.
    pub name: String,
    /// For administrators.
    pub description: Option<String>,
    /// Where its backups go; where each server's go without it.
    pub backup_configuration: Option<BackupConfigurationId>,
    /// Whether it is followed.
    pub enabled: bool,
    /// When it is due, in UTC.
    pub cron: String,
    /// Backups that are made at the same time on each node.
    pub parallelism: i32,
    /// How many of each server are kept.
    pub retention_count: Option<i32>,
    /// For how many days they are kept.
    pub retention_days: Option<i32>,
}

/// Makes a policy, which covers nothing yet.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn create(cx: &Cx, input: NewSystemBackupPolicy) -> Result<SystemBackupPolicy, Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesCreate)?;
    let now = cx.now();
    let description = blank_is_none(input.description);
    let mut invalid = Invalid::new();
    backup::check_policy(
        &input.name,
        description.as_deref(),
        &input.cron,
        input.parallelism,
        now,
        &mut invalid,
    );
    backup::check_retention(input.retention_count, input.retention_days, &mut invalid);
    invalid.finish()?;
    if input.backup_configuration.is_some() {
        let mut conn = cx.read_primary().await?;
        backup_configurations::check_reference(&mut conn, input.backup_configuration).await?;
    }
    let row = rows::SystemBackupPolicy {
        id: SystemBackupPolicyId::new_v4(),
        name: input.name,
        description,
        backup_configuration_id: input.backup_configuration,
        enabled: input.enabled,
        due_at: input
            .enabled
            .then(|| backup::next_due(&input.cron, now))
            .flatten(),
        cron: input.cron,
        parallelism: input.parallelism,
        retention_count: input.retention_count,
        retention_days: input.retention_days,
        triggered_at: None,
        created_at: now,
    };
    let entry = cx.entry(
        Event::SystemBackupPolicyCreate,
        json!({ "uuid": row.id, "name": row.name }),
    );
    let (made, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            rows::insert(tx, made)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(SystemBackupPolicy::new(row))
}
