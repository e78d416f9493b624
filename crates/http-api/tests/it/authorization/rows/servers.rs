//! Servers.

use serde_json::{Value, json};

use super::super::objects::Objects;
use super::super::row::{Needs, Row, State, row};

/// To move the server to the node without servers.
pub(crate) fn transfer_order(o: &Objects) -> Value {
    json!({
        "node_uuid": o.node.id, "allocation_uuid": o.address, "allocation_uuids": [], "backups": [],
        "delete_source_backups": false, "archive_format": "tar_gz", "compression_level": null,
        "multiplex_channels": 0,
    })
}

pub(super) fn client() -> Vec<Row> {
    vec![
        row("GET /api/client/servers", Needs::Account("servers.read")),
        row(
            "GET /api/client/servers/eggs",
            Needs::Account("servers.read"),
        ),
        row(
            "GET /api/client/servers/nodes/{node}/resources",
            Needs::SeeServer,
        )
        .state(State::OnNode)
        .fill("node", |o| o.server.node.id.to_string()),
        row("GET /api/client/servers/{server}", Needs::SeeServer),
        row(
            "GET /api/client/servers/{server}/resources",
            Needs::SeeServer,
        )
        .state(State::OnNode),
        // What the token allows is decided by the permissions; having one needs none.
        row(
            "GET /api/client/servers/{server}/websocket",
            Needs::SeeServer,
        ),
        row(
            "GET /api/client/servers/{server}/logs",
            Needs::Server("control.read-console"),
        )
        .state(State::OnNode),
        row(
            "POST /api/client/servers/{server}/power",
            Needs::Server("control.start"),
        )
        .state(State::OnNode)
        .body(|_| json!({ "action": "start" })),
        row(
            "POST /api/client/servers/{server}/command",
            Needs::Server("control.console"),
        )
        .state(State::Running)
        .body(|_| json!({ "command": "list" })),
        row(
            "GET /api/client/servers/{server}/activity",
            Needs::Server("activity.read"),
        ),
        row(
            "GET /api/client/servers/{server}/allocations",
            Needs::Server("allocations.read"),
        ),
        row(
            "POST /api/client/servers/{server}/allocations",
            Needs::Server("allocations.create"),
        ),
        row(
            "PATCH /api/client/servers/{server}/allocations/{allocation}",
            Needs::Server("allocations.update"),
        )
        .body(|_| json!({ "notes": "for queries" })),
        row(
            "DELETE /api/client/servers/{server}/allocations/{allocation}",
            Needs::Server("allocations.delete"),
        ),
        row(
            "POST /api/client/servers/{server}/settings/rename",
            Needs::Server("settings.rename"),
        )
        .body(|_| json!({ "name": "Renamed" })),
        row(
            "PUT /api/client/servers/{server}/settings/auto-kill",
            Needs::Server("settings.auto-kill"),
        )
        .body(|_| json!({ "enabled": true, "seconds": 30 })),
        row(
            "PUT /api/client/servers/{server}/settings/auto-start",
            Needs::Server("settings.auto-start"),
        )
        .body(|_| json!({ "behavior": "never" })),
        row(
            "PUT /api/client/servers/{server}/settings/timezone",
            Needs::Server("settings.timezone"),
        )
        .body(|_| json!({ "timezone": "Europe/Berlin" })),
        row(
            "POST /api/client/servers/{server}/settings/install",
            Needs::Server("settings.install"),
        )
        .body(|_| json!({ "truncate_directory": false })),
        row(
            "POST /api/client/servers/{server}/settings/install/cancel",
            Needs::Server("settings.cancel-install"),
        )
        .state(State::Status("installing")),
        row(
            "POST /api/client/servers/{server}/settings/install/unlock",
            Needs::Server("settings.install"),
        )
        .state(State::Status("install_failed")),
        row(
            "GET /api/client/servers/{server}/startup/variables",
            Needs::Server("startup.read"),
        ),
        row(
            "PUT /api/client/servers/{server}/startup/variables",
            Needs::Server("startup.update"),
        )
        .body(
            |_| json!({ "variables": [{ "env_variable": "START_COMMAND", "value": "sh run.sh" }] }),
        ),
        row(
            "PUT /api/client/servers/{server}/startup/command",
            Needs::Server("startup.command"),
        )
        .body(|o| json!({ "command": o.server.egg.startup })),
        row(
            "PUT /api/client/servers/{server}/startup/docker-image",
            Needs::Server("startup.docker-image"),
        )
        .body(|o| json!({ "image": o.server.egg.image })),
        row(
            "GET /api/client/servers/{server}/subusers",
            Needs::Server("subusers.read"),
        ),
        row(
            "POST /api/client/servers/{server}/subusers",
            Needs::Server("subusers.create"),
        )
        .body(|o| json!({ "email": o.person.email, "permissions": ["subusers.create"] })),
        row(
            "PATCH /api/client/servers/{server}/subusers/{subuser}",
            Needs::Server("subusers.update"),
        )
        .body(|_| json!({ "permissions": ["subusers.update"] })),
        row(
            "DELETE /api/client/servers/{server}/subusers/{subuser}",
            Needs::Server("subusers.delete"),
        ),
    ]
}

pub(super) fn admin() -> Vec<Row> {
    vec![
        row("GET /api/admin/servers", Needs::Admin(&["servers.read"])),
        row("POST /api/admin/servers", Needs::Admin(&["servers.create"])).body(|o| {
            json!({
                "node_uuid": o.node.id, "owner_uuid": o.person.id, "egg_uuid": o.egg.id,
                "backup_configuration_uuid": null, "allocation_uuid": o.address, "allocation_uuids": [],
                "name": "Made by the matrix", "description": null, "external_id": null,
                "limits": {
                    "cpu": 100, "memory": 512, "memory_overhead": 0, "swap": 0, "disk": 512, "io_weight": null,
                },
                "feature_limits": { "allocations": 0, "databases": 0, "backups": 0, "schedules": 0 },
                "startup": o.egg.startup, "image": o.egg.image, "timezone": null, "variables": [],
            })
        }),
        row("POST /api/admin/servers/deploy", Needs::Admin(&["servers.create"])).body(|o| {
            json!({
                "deployment": { "location_uuids": [o.node.location], "allow_overallocation": true },
                "owner_uuid": o.person.id, "egg_uuid": o.egg.id,
                "backup_configuration_uuid": null,
                "name": "Made by the matrix", "description": null, "external_id": null,
                "limits": {
                    "cpu": 100, "memory": 512, "memory_overhead": 0, "swap": 0, "disk": 512, "io_weight": null,
                },
                "feature_limits": { "allocations": 0, "databases": 0, "backups": 0, "schedules": 0 },
                "startup": o.egg.startup, "image": o.egg.image, "timezone": null, "variables": [],
            })
        }),
        row("GET /api/admin/servers/{server}", Needs::Admin(&["servers.read"])),
        row("GET /api/admin/servers/external/{server}", Needs::Admin(&["servers.read"]))
            .fill("server", |o| o.external_server.clone()),
        row("PATCH /api/admin/servers/{server}", Needs::Admin(&["servers.update"]))
            .body(|_| json!({ "name": "Renamed" })),
        row("DELETE /api/admin/servers/{server}", Needs::Admin(&["servers.delete"]))
            .body(|_| json!({ "force": false, "delete_backups": false })),
        row("POST /api/admin/servers/{server}/clear-state", Needs::Admin(&["servers.update"])),
        row("POST /api/admin/servers/{server}/transfer", Needs::Admin(&["servers.transfer"]))
            .state(State::Movable)
            .body(transfer_order),
        row("POST /api/admin/servers/{server}/transfer/cancel", Needs::Admin(&["servers.transfer"]))
            .state(State::Moving),
        row("GET /api/admin/servers/{server}/logs", Needs::Admin(&["servers.read"]))
            .state(State::OnNode),
        row("GET /api/admin/servers/{server}/logs/install", Needs::Admin(&["servers.read"]))
            .state(State::Reinstalled),
        row("GET /api/admin/servers/{server}/variables", Needs::Admin(&["servers.variables"])),
        row("PUT /api/admin/servers/{server}/variables", Needs::Admin(&["servers.variables"]))
            .body(|_| json!({ "variables": [{ "env_variable": "START_COMMAND", "value": "sh run.sh" }] })),
        row("GET /api/admin/servers/{server}/allocations", Needs::Admin(&["servers.allocations"])),
        row("POST /api/admin/servers/{server}/allocations", Needs::Admin(&["servers.allocations"]))
            .body(|o| json!({ "allocation_uuid": o.free_address })),
        row("PATCH /api/admin/servers/{server}/allocations/{allocation}", Needs::Admin(&["servers.allocations"]))
            .body(|_| json!({ "notes": "for queries" })),
        row("DELETE /api/admin/servers/{server}/allocations/{allocation}", Needs::Admin(&["servers.allocations"])),
    ]
}
