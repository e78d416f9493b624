//! Changing a policy.

use panel_domain::activity::Event;
use panel_domain::backup;
use panel_domain::id::{BackupConfigurationId, SystemBackupPolicyId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::system_backup_policies::{self as rows, NAME_KEY, SystemBackupPolicyChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_TAKEN, find};
use crate::backup_configurations;
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::servers::blank_is_none;

/// Changes of a policy: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of a new one")]
pub struct ChangeSystemBackupPolicy {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub backup_configuration: Option<Option<BackupConfigurationId>>,
    pub enabled: Option<bool>,
    pub cron: Option<String>,
    pub parallelism: Option<i32>,
    pub retention_count: Option<Option<i32>>,
    pub retention_days: Option<Option<i32>>,
}

/// Changes a policy. Backups that are there are kept by what holds from now on.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(
    cx: &Cx,
    id: SystemBackupPolicyId,
    input: ChangeSystemBackupPolicy,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesUpdate)?;
    let before = find(cx, id).await?;
    let now = cx.now();
    let description = input.description.map(blank_is_none);
    let name = input.name.as_deref().unwrap_or(&before.name);
    let cron = input.cron.as_deref().unwrap_or(&before.cron);
    let enabled = input.enabled.unwrap_or(before.enabled);
    let mut invalid = Invalid::new();
    backup::check_policy(
        name,
        description
            .as_ref()
            .unwrap_or(&before.description)
            .as_deref(),
        cron,
        input.parallelism.unwrap_or(before.parallelism),
        now,
        &mut invalid,
    );
    let count = input.retention_count.flatten();
    backup::check_retention(count, input.retention_days.flatten(), &mut invalid);
    invalid.finish()?;
    if let Some(Some(configuration)) = input.backup_configuration {
        let mut conn = cx.read_primary().await?;
        backup_configurations::check_reference(&mut conn, Some(configuration)).await?;
    }
    let replanned = input.cron.is_some() || input.enabled.is_some();
    let due = enabled.then(|| backup::next_due(cron, now)).flatten();
    let entry = cx.entry(
        Event::SystemBackupPolicyUpdate,
        json!({ "uuid": id, "name": name }),
    );
    let changes = SystemBackupPolicyChanges {
        due_at: replanned.then_some(due),
        name: input.name.clone(),
        description,
        backup_configuration_id: input
            .backup_configuration
            .map(|configuration| configuration.map(BackupConfigurationId::uuid)),
        enabled: input.enabled,
        cron: input.cron.clone(),
        parallelism: input.parallelism,
        retention_count: input.retention_count,
        retention_days: input.retention_days,
        triggered_at: None,
    };
    let unchanged = !replanned
        && changes.name.is_none()
        && changes.description.is_none()
        && changes.backup_configuration_id.is_none()
        && changes.parallelism.is_none()
        && changes.retention_count.is_none()
        && changes.retention_days.is_none();
    if unchanged {
        return Ok(());
    }
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let found = rows::update(tx, id, changes)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
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
