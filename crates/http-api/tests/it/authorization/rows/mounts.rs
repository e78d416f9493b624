//! Mounts.

use serde_json::json;

use super::super::row::{Needs, Row, row};

pub(super) fn rows() -> Vec<Row> {
    let read = Needs::Admin(&["mounts.read"]);
    let create = Needs::Admin(&["mounts.create"]);
    let nodes = Needs::Admin(&["nodes.mounts"]);
    let eggs = Needs::Admin(&["eggs.mounts"]);
    let servers = Needs::Admin(&["servers.mounts"]);
    vec![
        row("GET /api/admin/mounts", read),
        row("POST /api/admin/mounts", create).body(|_| {
            json!({
                "name": "Made by the matrix", "source": "/srv/made", "target": "/mnt/made",
                "read_only": true, "user_mountable": false,
            })
        }),
        row("GET /api/admin/mounts/{mount}", read),
        row(
            "PATCH /api/admin/mounts/{mount}",
            Needs::Admin(&["mounts.update"]),
        )
        .body(|_| json!({ "read_only": false })),
        row(
            "DELETE /api/admin/mounts/{mount}",
            Needs::Admin(&["mounts.delete"]),
        ),
        row("POST /api/admin/mounts/{mount}/duplicate", create).body(
            |_| json!({ "name": "Another", "source": "/srv/another", "target": "/mnt/another" }),
        ),
        row(
            "GET /api/admin/mounts/{mount}/nodes",
            Needs::Admin(&["mounts.read", "nodes.read"]),
        ),
        row(
            "GET /api/admin/mounts/{mount}/nest-eggs",
            Needs::Admin(&["mounts.read", "eggs.read"]),
        ),
        row(
            "GET /api/admin/mounts/{mount}/servers",
            Needs::Admin(&["mounts.read", "servers.read"]),
        ),
        row("GET /api/admin/nodes/{node}/mounts", nodes),
        row("POST /api/admin/nodes/{node}/mounts", nodes)
            .body(|o| json!({ "mount_uuid": o.offered_mount })),
        row("DELETE /api/admin/nodes/{node}/mounts/{mount}", nodes),
        row("GET /api/admin/nests/{nest}/eggs/{egg}/mounts", eggs),
        row("POST /api/admin/nests/{nest}/eggs/{egg}/mounts", eggs)
            .body(|o| json!({ "mount_uuid": o.offered_mount })),
        row(
            "DELETE /api/admin/nests/{nest}/eggs/{egg}/mounts/{mount}",
            eggs,
        ),
        row("GET /api/admin/servers/{server}/mounts", servers),
        row("GET /api/admin/servers/{server}/mounts/available", servers),
        row("POST /api/admin/servers/{server}/mounts", servers)
            .body(|o| json!({ "mount_uuid": o.offered_mount })),
        row("DELETE /api/admin/servers/{server}/mounts/{mount}", servers),
        row(
            "GET /api/client/servers/{server}/mounts",
            Needs::Server("mounts.read"),
        ),
        row(
            "POST /api/client/servers/{server}/mounts",
            Needs::Server("mounts.attach"),
        )
        .body(|o| json!({ "mount_uuid": o.offered_mount })),
        row(
            "DELETE /api/client/servers/{server}/mounts/{mount}",
            Needs::Server("mounts.detach"),
        ),
        row(
            "GET /api/client/servers/{server}/announcements",
            Needs::SeeServer,
        ),
    ]
}
