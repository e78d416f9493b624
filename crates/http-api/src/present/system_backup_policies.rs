//! How policies for backups look to clients.

use panel_api_types::system_backup_policy as dto;
use panel_service::system_backup_policies::SystemBackupPolicy;

/// A policy.
pub(crate) fn policy(policy: SystemBackupPolicy) -> dto::SystemBackupPolicy {
    let SystemBackupPolicy { row, totals } = policy;
    dto::SystemBackupPolicy {
        uuid: row.id.uuid(),
        name: row.name,
        description: row.description,
        backup_configuration: None,
        backup_configuration_uuid: row.backup_configuration_id.map(Into::into),
        enabled: row.enabled,
        cron: row.cron,
        parallelism: row.parallelism,
        retention_count: row.retention_count,
        retention_days: row.retention_days,
        triggered: row.triggered_at,
        next_due: row.due_at,
        total_nodes: totals.nodes,
        total_locations: totals.locations,
        total_servers: totals.servers,
        total_backups: totals.backups,
        created: row.created_at,
    }
}

/// One policy as an answer.
pub(crate) fn body(found: SystemBackupPolicy) -> dto::SystemBackupPolicyBody {
    dto::SystemBackupPolicyBody {
        system_backup_policy: policy(found),
    }
}
