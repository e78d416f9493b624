//! Policies for backups that the panel makes by itself.

use serde_json::json;

use super::super::objects::Objects;
use super::super::row::{Needs, Row, row};

const READ: Needs = Needs::Admin(&["system-backup-policies.read"]);
const UPDATE: Needs = Needs::Admin(&["system-backup-policies.update"]);

pub(super) fn rows() -> Vec<Row> {
    let bare = |o: &Objects| o.bare_policy.to_string();
    let attach = |operation| row(operation, UPDATE).fill("system_backup_policy", bare);
    vec![
        row("GET /api/admin/system-backup-policies", READ),
        row(
            "POST /api/admin/system-backup-policies",
            Needs::Admin(&["system-backup-policies.create"]),
        )
        .body(|_| json!({ "name": "Made by the matrix", "enabled": true, "cron": "0 0 4 * * *", "parallelism": 2 })),
        row("GET /api/admin/system-backup-policies/{system_backup_policy}", READ),
        row("PATCH /api/admin/system-backup-policies/{system_backup_policy}", UPDATE)
            .body(|_| json!({ "description": "changed", "enabled": true })),
        row(
            "DELETE /api/admin/system-backup-policies/{system_backup_policy}",
            Needs::Admin(&["system-backup-policies.delete"]),
        )
        .body(|_| json!({ "delete_backups": true })),
        row("POST /api/admin/system-backup-policies/{system_backup_policy}/trigger", UPDATE),
        row(
            "GET /api/admin/system-backup-policies/{system_backup_policy}/backups",
            Needs::Admin(&["system-backup-policies.backups"]),
        ),
        row(
            "GET /api/admin/system-backup-policies/{system_backup_policy}/locations",
            Needs::Admin(&["system-backup-policies.read", "locations.read"]),
        ),
        row(
            "GET /api/admin/system-backup-policies/{system_backup_policy}/nodes",
            Needs::Admin(&["system-backup-policies.read", "nodes.read"]),
        ),
        row(
            "GET /api/admin/system-backup-policies/{system_backup_policy}/servers",
            Needs::Admin(&["system-backup-policies.read", "servers.read"]),
        ),
        attach("POST /api/admin/system-backup-policies/{system_backup_policy}/locations")
            .body(|o| json!({ "location_uuid": o.location })),
        attach("POST /api/admin/system-backup-policies/{system_backup_policy}/nodes")
            .body(|o| json!({ "node_uuid": o.node.id })),
        attach("POST /api/admin/system-backup-policies/{system_backup_policy}/servers")
            .body(|o| json!({ "server_uuid": o.server.id })),
        row("DELETE /api/admin/system-backup-policies/{system_backup_policy}/locations/{location}", UPDATE),
        row("DELETE /api/admin/system-backup-policies/{system_backup_policy}/nodes/{node}", UPDATE),
        row("DELETE /api/admin/system-backup-policies/{system_backup_policy}/servers/{server}", UPDATE),
    ]
}
