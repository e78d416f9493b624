//! Backups of servers.

use serde_json::json;

use super::super::row::{Needs, Row, State, row};

pub(super) fn client() -> Vec<Row> {
    let read = Needs::Server("backups.read");
    let update = Needs::Server("backups.update");
    let restore = Needs::Server("backups.restore");
    vec![
        row("GET /api/client/servers/{server}/backups", read),
        row("GET /api/client/servers/{server}/backups/system", read),
        row(
            "POST /api/client/servers/{server}/backups",
            Needs::Server("backups.create"),
        )
        .body(|_| json!({ "name": "Made by the matrix", "ignored_files": [] })),
        row("GET /api/client/servers/{server}/backups/{backup}", read),
        row(
            "PATCH /api/client/servers/{server}/backups/{backup}",
            update,
        )
        .body(
            |o| json!({ "name": "Renamed", "locked": true, "backup_group_uuid": o.backup_group }),
        ),
        row(
            "DELETE /api/client/servers/{server}/backups/{backup}",
            Needs::Server("backups.delete"),
        ),
        row(
            "GET /api/client/servers/{server}/backups/{backup}/download",
            Needs::Server("backups.download"),
        ),
        row(
            "GET /api/client/servers/{server}/backups/{backup}/query",
            read,
        )
        .state(State::NewestNode),
        row(
            "POST /api/client/servers/{server}/backups/{backup}/restore",
            restore,
        )
        .body(|_| json!({ "truncate_directory": true })),
        row(
            "POST /api/client/servers/{server}/backups/{backup}/export",
            Needs::ServerAll(&["backups.download", "files.create"]),
        )
        .state(State::NewestNode)
        .body(|_| json!({ "path": "backup.tar.gz", "foreground": true })),
        row("POST /api/client/servers/{server}/backups/unlock", restore)
            .state(State::Status("backup_restore_failed")),
        row(
            "GET /api/client/servers/{server}/backups/groups",
            Needs::Server("backup-groups.read"),
        ),
        row(
            "POST /api/client/servers/{server}/backups/groups",
            Needs::Server("backup-groups.create"),
        )
        .body(|_| json!({ "name": "Made by the matrix", "retention_count": 3 })),
        row(
            "GET /api/client/servers/{server}/backups/groups/{backup_group}",
            read,
        ),
        row(
            "PATCH /api/client/servers/{server}/backups/groups/{backup_group}",
            Needs::Server("backup-groups.update"),
        )
        .body(|_| json!({ "retention_days": 7 })),
        row(
            "DELETE /api/client/servers/{server}/backups/groups/{backup_group}",
            Needs::Server("backup-groups.delete"),
        ),
    ]
}

pub(super) fn admin() -> Vec<Row> {
    const BACKUPS: Needs = Needs::Admin(&["nodes.backups"]);
    const READ: Needs = Needs::Admin(&["backup-configurations.read"]);
    let on_node =
        |operation| row(operation, BACKUPS).fill("node", |o| o.server.node.id.to_string());
    vec![
        on_node("GET /api/admin/nodes/{node}/backups"),
        on_node("GET /api/admin/nodes/{node}/backups/{backup}"),
        on_node("DELETE /api/admin/nodes/{node}/backups/{backup}").body(|_| json!({ "force": false })),
        on_node("GET /api/admin/nodes/{node}/backups/{backup}/download"),
        on_node("GET /api/admin/nodes/{node}/backups/{backup}/query").state(State::NewestNode),
        on_node("POST /api/admin/nodes/{node}/backups/{backup}/export")
            .state(State::NewestNode)
            .body(|o| json!({ "server_uuid": o.server.id, "path": "backup.tar.gz", "foreground": true })),
        on_node("POST /api/admin/nodes/{node}/backups/{backup}/detach"),
        on_node("POST /api/admin/nodes/{node}/backups/{backup}/reattach")
            .body(|o| json!({ "server_uuid": o.server.id })),
        on_node("POST /api/admin/nodes/{node}/backups/{backup}/restore")
            .body(|o| json!({ "server_uuid": o.server.id })),
        row("GET /api/admin/servers/{server}/backups", BACKUPS),
        row("GET /api/admin/stats/backups", Needs::Admin(&["stats.read"])),
        row("GET /api/admin/backup-configurations", READ),
        row(
            "POST /api/admin/backup-configurations",
            Needs::Admin(&["backup-configurations.create"]),
        )
        .body(|_| {
            json!({
                "name": "Made by the matrix", "maintenance_enabled": false, "shared": false, "backup_disk": "local",
                "backup_configs": {},
            })
        }),
        row("GET /api/admin/backup-configurations/{backup_configuration}", READ),
        row(
            "PATCH /api/admin/backup-configurations/{backup_configuration}",
            Needs::Admin(&["backup-configurations.update"]),
        )
        .body(|_| json!({ "description": "Changed" })),
        row(
            "DELETE /api/admin/backup-configurations/{backup_configuration}",
            Needs::Admin(&["backup-configurations.delete"]),
        ),
        row(
            "POST /api/admin/backup-configurations/{backup_configuration}/duplicate",
            Needs::Admin(&["backup-configurations.create", "backup-configurations.read"]),
        )
        .body(|_| json!({ "name": "A copy by the matrix" })),
        row("GET /api/admin/backup-configurations/{backup_configuration}/stats", READ),
        row(
            "GET /api/admin/backup-configurations/{backup_configuration}/backups",
            Needs::Admin(&["backup-configurations.backups"]),
        ),
        row(
            "GET /api/admin/backup-configurations/{backup_configuration}/locations",
            Needs::Admin(&["locations.read"]),
        ),
        row(
            "GET /api/admin/backup-configurations/{backup_configuration}/nodes",
            Needs::Admin(&["nodes.read"]),
        ),
        row(
            "GET /api/admin/backup-configurations/{backup_configuration}/servers",
            Needs::Admin(&["servers.read"]),
        ),
    ]
}

pub(super) fn remote() -> Vec<Row> {
    vec![
        row("GET /api/remote/backups/{backup}", Needs::Node)
            .query("size=1048576")
            .state(State::InBucket),
        row("GET /api/remote/backups/{backup}/s3/parts", Needs::Node)
            .query("from_part=1")
            .state(State::InBucket),
        row("POST /api/remote/backups/{backup}", Needs::Node)
            .fill("backup", |o| o.unfinished_backup.to_string())
            .body(|_| {
                json!({
                    "checksum": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "checksum_type": "sha1", "size": 1024,
                    "successful": true, "parts": null,
                })
            }),
        row("POST /api/remote/backups/{backup}/restore", Needs::Node)
            .body(|_| json!({ "successful": true })),
        row("POST /api/remote/backups/{backup}/deletion", Needs::Node)
            .state(State::Deleting)
            .body(|_| json!({ "successful": true })),
        row("GET /api/remote/backups/{backup}/restic", Needs::Node).state(State::InRestic),
        row("GET /api/remote/backups/{backup}/pbs", Needs::Node).state(State::InPbs),
        row("GET /api/remote/backups/{backup}/kopia", Needs::Node).state(State::InKopia),
        row("POST /api/remote/servers/{server}/backups", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"create_backup","ignore_failure":false,"foreground":true,"ignored_files":[]}"#,
            ))
            .body(|_| json!({ "name": "Nightly", "ignored_files": [] })),
        row("DELETE /api/remote/servers/{server}/backups", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"delete_backup","backup":{"mode":"oldest"}}"#,
            ))
            .body(|_| json!({ "oldest": true })),
        row("PATCH /api/remote/servers/{server}/backups", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"move_backup","backup":{"mode":"latest"}}"#,
            ))
            .body(|o| json!({ "backup_uuid": o.backup, "target_backup_group_uuid": o.backup_group })),
        row("POST /api/remote/servers/{server}/backups/restore", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"restore_backup","ignore_failure":false,"truncate_directory":false,"backup":{"mode":"latest"}}"#,
            ))
            .body(|_| json!({ "truncate_directory": false })),
    ]
}
