//! What daemons ask and report.

use panel_testkit::PASSWORD;
use serde_json::json;

use super::super::row::{Needs, Row, State, row};

pub(super) fn rows() -> Vec<Row> {
    vec![
        row("GET /api/remote/servers", Needs::Node).query("page=0&per_page=50"),
        row("POST /api/remote/servers/reset", Needs::Node),
        row("GET /api/remote/servers/{server}", Needs::Node),
        row("GET /api/remote/servers/{server}/install", Needs::Node),
        row("POST /api/remote/servers/{server}/install", Needs::Node)
            .state(State::Status("installing"))
            .body(|_| json!({ "successful": true, "reinstall": false })),
        row("POST /api/remote/servers/{server}/transfer/success", Needs::Node)
            .state(State::Arriving)
            .body(|_| json!({ "backups": [] })),
        row("POST /api/remote/servers/{server}/transfer/failure", Needs::Node).state(State::Arriving),
        row("POST /api/remote/servers/{server}/container/status", Needs::Node)
            .body(|_| json!({ "data": { "previous_state": "offline", "new_state": "starting" } })),
        row("PUT /api/remote/servers/{server}/startup/variables", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"update_startup_variable","ignore_failure":false,"env_variable":"START_COMMAND","value":{"variable":"x"}}"#,
            ))
            .body(|_| json!({ "env_variable": "START_COMMAND", "value": "sh run.sh" })),
        row("PUT /api/remote/servers/{server}/startup/command", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"update_startup_command","ignore_failure":false,"command":{"variable":"x"}}"#,
            ))
            .body(|o| json!({ "command": o.server.egg.startup })),
        row("PUT /api/remote/servers/{server}/startup/docker-image", Needs::Node)
            .state(State::Scheduled(
                r#"{"type":"update_startup_docker_image","ignore_failure":false,"image":{"variable":"x"}}"#,
            ))
            .body(|o| json!({ "image": o.server.egg.image })),
        row("POST /api/remote/activity", Needs::Node).body(|o| {
            json!({ "data": [{
                "server": o.server.id, "event": "server:console.command", "user": o.owner.id,
                "ip": "192.0.2.1", "metadata": {}, "timestamp": "2026-01-01T00:00:00Z",
            }] })
        }),
        row("POST /api/remote/schedule", Needs::Node).body(|o| {
            json!({ "data": [{
                "uuid": o.schedule.id, "successful": true, "errors": {}, "timestamp": "2026-01-02T03:04:05Z",
            }] })
        }),
        row("POST /api/remote/sftp/auth", Needs::Node).body(|o| {
            json!({
                "type": "password", "username": format!("{}.{}", o.owner.username, o.server.id.short()),
                "password": PASSWORD, "ip": "192.0.2.1:4711",
            })
        }),
    ]
}
