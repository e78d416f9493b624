//! Files of servers.

use std::sync::LazyLock;

use panel_testkit::FileServer;
use serde_json::json;

use super::super::row::{Needs, Row, State, row};

/// What nodes fetch from.
static ELSEWHERE: LazyLock<FileServer> =
    LazyLock::new(|| FileServer::start(&[("/plugin.jar", "a plugin")]));

pub(super) fn rows() -> Vec<Row> {
    let rows = reading().into_iter().chain(changing());
    rows.map(|row| row.state(State::WithFiles)).collect()
}

fn reading() -> Vec<Row> {
    let read = Needs::Server("files.read");
    let content = Needs::Server("files.read-content");
    vec![
        row("GET /api/client/servers/{server}/files/list", read)
            .query("directory=/&page=1&per_page=50&sort=name_asc"),
        row("POST /api/client/servers/{server}/files/search", read).body(|_| {
            json!({
                "root": "/",
                "path_filter": { "include": ["**/*a*"], "exclude": [], "case_insensitive": true },
            })
        }),
        row("GET /api/client/servers/{server}/files/operations", read),
        row(
            "GET /api/client/servers/{server}/files/largest-directories",
            read,
        )
        .query("directory=/"),
        row("GET /api/client/servers/{server}/files/contents", content).query("file=/a.txt"),
        row(
            "GET /api/client/servers/{server}/files/fingerprint",
            content,
        )
        .query("file=/a.txt&algorithm=sha256"),
        row("GET /api/client/servers/{server}/files/revisions", content).query("file=/a.txt"),
        row(
            "GET /api/client/servers/{server}/files/revisions/{revision}",
            content,
        )
        .fill("revision", |_| "1".to_owned())
        .query("file=/twice.txt"),
        row("GET /api/client/servers/{server}/files/download", content)
            .query("root=/&files=a.txt&files=a.db&directory=false&archive_format=zip"),
        row(
            "POST /api/client/servers/{server}/files/sqlite-query",
            Needs::Server("files.query-raw"),
        )
        .body(|_| json!({ "file": "/a.db", "query": "SELECT 1", "rows": 10 })),
    ]
}

fn changing() -> Vec<Row> {
    let create = Needs::Server("files.create");
    let update = Needs::Server("files.update");
    let archive = Needs::Server("files.archive");
    vec![
        row("POST /api/client/servers/{server}/files/write", update).query("file=/new.txt"),
        row("PUT /api/client/servers/{server}/files/rename", update)
            .body(|_| json!({ "root": "/", "files": [{ "from": "a.txt", "to": "b.txt" }] })),
        row("PUT /api/client/servers/{server}/files/chmod", update).body(|_| {
            json!({ "root": "/", "files": [{ "file": "a.txt", "mode": "600", "recursive": true }] })
        }),
        row("DELETE /api/client/servers/{server}/files/operations/{operation}", update)
            .fill("operation", |o| o.server.id.to_string()),
        row(
            "POST /api/client/servers/{server}/files/delete",
            Needs::Server("files.delete"),
        )
        .body(|_| json!({ "root": "/", "files": ["a.txt"] })),
        row("POST /api/client/servers/{server}/files/create-directory", create)
            .body(|_| json!({ "root": "/", "name": "new" })),
        row("POST /api/client/servers/{server}/files/create-symlink", create)
            .body(|_| json!({ "root": "/", "link": "b.txt", "target": "a.txt" })),
        row("POST /api/client/servers/{server}/files/copy", create)
            .body(|_| json!({ "path": "/a.txt", "destination": "b.txt", "foreground": true })),
        row("POST /api/client/servers/{server}/files/copy-many", create).body(|_| {
            json!({
                "root": "/", "files": [{ "from": "a.txt", "to": "b.txt" }], "foreground": true,
            })
        }),
        row(
            "POST /api/client/servers/{server}/files/copy-remote",
            Needs::ServerAll(&["files.read-content", "files.create"]),
        )
        .body(|o| {
            json!({
                "root": "/", "files": [{ "from": "a.txt", "to": "b.txt" }], "foreground": true,
                "destination": "/there", "destination_server": o.server.id,
            })
        }),
        row("POST /api/client/servers/{server}/files/compress", archive)
            .body(|_| json!({ "root": "/", "files": ["a.txt"], "format": "zip", "foreground": true })),
        row("POST /api/client/servers/{server}/files/decompress", archive)
            .body(|_| json!({ "root": "/", "file": "packed.tar.gz", "foreground": true })),
        row("POST /api/client/servers/{server}/files/pull", create).body(|_| {
            json!({ "root": "/", "url": ELSEWHERE.url("/plugin.jar"), "foreground": true })
        }),
        row("POST /api/client/servers/{server}/files/pull/query", create)
            .body(|_| json!({ "url": ELSEWHERE.url("/plugin.jar") })),
        row("GET /api/client/servers/{server}/files/upload", create),
    ]
}
