//! Locations, nodes and their addresses, nests and eggs.

use std::sync::LazyLock;

use panel_testkit::FileServer;
use serde_json::{Value, json};

use super::super::objects::Objects;
use super::super::row::{Needs, Row, State, row};

pub(super) fn rows() -> Vec<Row> {
    [
        locations(),
        nodes(),
        allocations(),
        nests(),
        eggs(),
        egg_files(),
        variables(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn locations() -> Vec<Row> {
    vec![
        row(
            "GET /api/admin/locations",
            Needs::Admin(&["locations.read"]),
        ),
        row(
            "POST /api/admin/locations",
            Needs::Admin(&["locations.create"]),
        )
        .body(|_| json!({ "name": "Made by the matrix", "description": null, "flag": "de" })),
        row(
            "GET /api/admin/locations/{location}",
            Needs::Admin(&["locations.read"]),
        ),
        row(
            "PATCH /api/admin/locations/{location}",
            Needs::Admin(&["locations.update"]),
        )
        .body(|_| json!({ "description": "changed" })),
        row(
            "DELETE /api/admin/locations/{location}",
            Needs::Admin(&["locations.delete"]),
        ),
        row(
            "GET /api/admin/locations/{location}/nodes",
            Needs::Admin(&["nodes.read"]),
        ),
        row(
            "POST /api/admin/locations/{location}/duplicate",
            Needs::Admin(&["locations.create"]),
        )
        .body(|_| json!({ "name": "Copied by the matrix" })),
    ]
}

fn nodes() -> Vec<Row> {
    let answering = |o: &Objects| o.server.node.id.to_string();
    vec![
        row("GET /api/admin/nodes", Needs::Admin(&["nodes.read"])),
        row("POST /api/admin/nodes", Needs::Admin(&["nodes.create"])).body(|o| {
            json!({
                "location_uuid": o.location, "name": "Made by the matrix", "description": null,
                "deployment_enabled": true, "maintenance_enabled": false, "url": "https://node.example.com:8080",
                "public_url": null, "sftp_host": null, "sftp_port": 2022, "memory": 1024, "disk": 1024,
            })
        }),
        row("GET /api/admin/nodes/{node}", Needs::Admin(&["nodes.read"])),
        row("PATCH /api/admin/nodes/{node}", Needs::Admin(&["nodes.update"]))
            .body(|_| json!({ "description": "changed" })),
        row("DELETE /api/admin/nodes/{node}", Needs::Admin(&["nodes.delete"])),
        row("POST /api/admin/nodes/{node}/duplicate", Needs::Admin(&["nodes.create"]))
            .body(|_| json!({ "name": "Copied by the matrix" })),
        row("GET /api/admin/nodes/{node}/capacity", Needs::Admin(&["nodes.read"])),
        row("GET /api/admin/nodes/{node}/token", Needs::Admin(&["nodes.read-token"])),
        row("GET /api/admin/nodes/{node}/configuration", Needs::Admin(&["nodes.read-token"])),
        row("POST /api/admin/nodes/{node}/reset-token", Needs::Admin(&["nodes.reset-token"])),
        row("GET /api/admin/nodes/{node}/status", Needs::Admin(&["nodes.read"])),
        row("GET /api/admin/nodes/{node}/system/overview", Needs::Admin(&["nodes.read"])).fill("node", answering),
        row("GET /api/admin/nodes/{node}/system/stats", Needs::Admin(&["nodes.read"])).fill("node", answering),
        row("GET /api/admin/nodes/{node}/config", Needs::Admin(&["nodes.update"]))
            .state(State::NewestNode)
            .fill("node", answering),
        row("PATCH /api/admin/nodes/{node}/config", Needs::Admin(&["nodes.update"]))
            .state(State::NewestNode)
            .fill("node", answering)
            .body(|_| json!({ "api": { "upload_limit": 200 } })),
        row("PATCH /api/admin/nodes/config", Needs::Admin(&["nodes.update"]))
            .state(State::NewestNode)
            .body(|o| json!({ "node_uuids": [o.server.node.id], "config": { "api": { "upload_limit": 200 } } })),
        row("GET /api/admin/nodes/{node}/system/logs", Needs::Admin(&["nodes.read"]))
            .state(State::NewestNode)
            .fill("node", answering),
        row("GET /api/admin/nodes/{node}/system/logs/{file}", Needs::Admin(&["nodes.read"]))
            .state(State::NewestNode)
            .query("lines=10")
            .fill("node", answering)
            .fill("file", |_| "wings.log".to_owned()),
        row("GET /api/admin/nodes/{node}/servers", Needs::Admin(&["servers.read"])),
        row("GET /api/admin/nodes/{node}/servers/resources", Needs::Admin(&["servers.read"])),
        row("POST /api/admin/nodes/{node}/servers/power", Needs::Admin(&["nodes.power"]))
            .body(|_| json!({ "action": "stop", "servers": { "type": "all" } })),
        row("POST /api/admin/nodes/{node}/servers/transfer", Needs::Admin(&["nodes.transfers"]))
            .state(State::Movable)
            .fill("node", answering)
            .body(|o| {
                json!({
                    "servers": { "type": "uuids", "uuids": [o.server.id] }, "node_uuid": o.node.id,
                    "allocation_mode": "random_primary", "transfer_backups": false, "delete_source_backups": false,
                    "archive_format": "tar_gz", "compression_level": null, "multiplex_channels": 0,
                })
            }),
        row("GET /api/admin/nodes/{node}/transfers", Needs::Admin(&["nodes.transfers"])),
        row(
            "GET /api/admin/nodes/{node}/transfers/servers",
            Needs::Admin(&["nodes.transfers", "servers.read"]),
        ),
    ]
}

fn allocations() -> Vec<Row> {
    let needs = Needs::Admin(&["nodes.allocations"]);
    let all = |_: &Objects| json!({ "selector": { "type": "all" } });
    vec![
        row("GET /api/admin/nodes/{node}/allocations", needs),
        row("GET /api/admin/nodes/{node}/allocations/available", needs),
        row("GET /api/admin/nodes/{node}/allocations/ips", needs),
        row("POST /api/admin/nodes/{node}/allocations", needs)
            .body(|_| json!({ "ip": "192.0.2.1", "ip_alias": null, "ports": [25_565, 25_566] })),
        row("PATCH /api/admin/nodes/{node}/allocations", needs).body(
            |_| json!({ "selector": { "type": "all" }, "ip": "192.0.2.2", "ip_alias": null }),
        ),
        row("DELETE /api/admin/nodes/{node}/allocations", needs).body(all),
    ]
}

fn nests() -> Vec<Row> {
    vec![
        row("GET /api/admin/nests", Needs::Admin(&["nests.read"])),
        row("GET /api/admin/nests/eggs", Needs::Admin(&["eggs.read"])),
        row("POST /api/admin/nests", Needs::Admin(&["nests.create"]))
            .body(|_| json!({ "name": "Made by the matrix", "author": "matrix@example.com", "description": null })),
        row("GET /api/admin/nests/{nest}", Needs::Admin(&["nests.read"])),
        row("PATCH /api/admin/nests/{nest}", Needs::Admin(&["nests.update"]))
            .body(|_| json!({ "description": "changed" })),
        row("DELETE /api/admin/nests/{nest}", Needs::Admin(&["nests.delete"]))
            .fill("nest", |o| o.nest.to_string()),
    ]
}

/// An egg as a new one is described.
fn described(name: &str) -> Value {
    json!({
        "author": "matrix@example.com", "name": name, "description": null, "egg_repository_egg_uuid": null,
        "config_files": [], "config_startup": { "done": ["ready"] }, "config_stop": { "type": "stop", "value": null },
        "config_script": { "container": "debian", "entrypoint": "bash", "content": "" },
        "startup_commands": { "Default": "./run" }, "docker_images": { "Debian": "debian:12" },
        "force_outgoing_ip": false, "separate_port": false, "features": [], "file_denylist": [],
    })
}

/// An egg as a file.
fn file(name: &str) -> Value {
    json!({
        "author": "matrix@example.com", "name": name, "config": {}, "docker_images": { "Debian": "debian:12" },
        "startup_commands": { "Default": "./run" },
        "scripts": { "installation": { "container": "debian", "entrypoint": "bash", "content": "" } },
        "variables": [],
    })
}

/// The address of an egg's file, for all worlds of this process.
fn file_url() -> String {
    static FILES: LazyLock<FileServer> = LazyLock::new(|| {
        let egg = file("Fetched for the matrix").to_string();
        FileServer::start(&[("/egg.json", egg.as_str())])
    });
    FILES.url("/egg.json")
}

fn egg_files() -> Vec<Row> {
    vec![
        row(
            "POST /api/admin/nests/{nest}/eggs/import",
            Needs::Admin(&["eggs.create"]),
        )
        .body(|_| file("Imported by the matrix")),
        row(
            "POST /api/admin/nests/{nest}/eggs/import/url",
            Needs::Admin(&["eggs.create"]),
        )
        .body(|_| json!({ "urls": [file_url()] })),
        row(
            "GET /api/admin/nests/{nest}/eggs/{egg}/export",
            Needs::Admin(&["eggs.read"]),
        ),
        row(
            "GET /api/admin/nests/{nest}/eggs/{egg}/export/report",
            Needs::Admin(&["eggs.read"]),
        ),
        row(
            "POST /api/admin/nests/{nest}/eggs/{egg}/update/import",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|_| file("Replaced by the matrix")),
        row(
            "POST /api/admin/nests/{nest}/eggs/{egg}/update/import/url",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|_| json!({ "url": file_url() })),
    ]
}

fn eggs() -> Vec<Row> {
    vec![
        row(
            "GET /api/admin/nests/{nest}/eggs/{egg}/inheritance",
            Needs::Admin(&["eggs.read"]),
        ),
        row(
            "PUT /api/admin/nests/{nest}/eggs/{egg}/inheritance",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|_| json!({ "inherited": [] })),
        row("GET /api/admin/eggs/starter", Needs::Admin(&["eggs.read"])),
        row(
            "POST /api/admin/eggs/starter",
            Needs::Admin(&["nests.create", "eggs.create"]),
        )
        .body(|_| json!({ "slugs": ["generic-process"] })),
        row(
            "GET /api/admin/nests/{nest}/eggs",
            Needs::Admin(&["eggs.read"]),
        ),
        row(
            "POST /api/admin/nests/{nest}/eggs",
            Needs::Admin(&["eggs.create"]),
        )
        .body(|_| described("Made by the matrix")),
        row(
            "POST /api/admin/nests/{nest}/eggs/delete",
            Needs::Admin(&["eggs.delete"]),
        )
        .body(|o| json!({ "egg_uuids": [o.egg.id] })),
        row(
            "POST /api/admin/nests/{nest}/eggs/move",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|o| json!({ "egg_uuids": [o.egg.id], "destination_nest_uuid": o.nest })),
        row(
            "GET /api/admin/nests/{nest}/eggs/{egg}",
            Needs::Admin(&["eggs.read"]),
        ),
        row(
            "PATCH /api/admin/nests/{nest}/eggs/{egg}",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|_| json!({ "description": "changed" })),
        row(
            "DELETE /api/admin/nests/{nest}/eggs/{egg}",
            Needs::Admin(&["eggs.delete"]),
        ),
        row(
            "POST /api/admin/nests/{nest}/eggs/{egg}/duplicate",
            Needs::Admin(&["eggs.create"]),
        )
        .body(|o| json!({ "name": "Copied by the matrix", "nest_uuid": o.nest })),
        row(
            "POST /api/admin/nests/{nest}/eggs/{egg}/move",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|o| json!({ "destination_nest_uuid": o.nest })),
        row(
            "GET /api/admin/nests/{nest}/eggs/{egg}/servers",
            Needs::Admin(&["servers.read"]),
        ),
    ]
}

fn variables() -> Vec<Row> {
    let variable = |_: &Objects| {
        json!({
            "name": "Difficulty", "name_translations": {}, "description": null, "description_translations": {},
            "order": 9, "env_variable": "MATRIX_DIFFICULTY", "default_value": "easy", "user_viewable": true,
            "user_editable": true, "secret": false, "rules": ["required", "string"],
        })
    };
    vec![
        row(
            "GET /api/admin/nests/{nest}/eggs/{egg}/variables",
            Needs::Admin(&["eggs.read"]),
        ),
        row(
            "POST /api/admin/nests/{nest}/eggs/{egg}/variables",
            Needs::Admin(&["eggs.update"]),
        )
        .body(variable),
        row(
            "PUT /api/admin/nests/{nest}/eggs/{egg}/variables/order",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|o| json!({ "variable_order": [o.egg.variables[0].1] })),
        row(
            "PATCH /api/admin/nests/{nest}/eggs/{egg}/variables/{variable}",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|_| json!({ "name": "Changed" })),
        row(
            "DELETE /api/admin/nests/{nest}/eggs/{egg}/variables/{variable}",
            Needs::Admin(&["eggs.update"]),
        ),
        row(
            "POST /api/admin/nests/{nest}/eggs/{egg}/variables/{variable}/duplicate",
            Needs::Admin(&["eggs.update"]),
        )
        .body(|_| json!({ "name": "Copied", "env_variable": "COPIED_BY_MATRIX" })),
    ]
}
