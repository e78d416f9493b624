//! Schedules of servers.

use serde_json::json;

use super::super::row::{Needs, Row, row};

pub(super) fn rows() -> Vec<Row> {
    let read = Needs::Server("schedules.read");
    let create = Needs::Server("schedules.create");
    let update = Needs::Server("schedules.update");
    vec![
        row("GET /api/client/servers/{server}/schedules", read),
        row("POST /api/client/servers/{server}/schedules", create).body(|_| {
            json!({
                "name": "Made by the matrix", "enabled": true, "condition": { "type": "none" },
                "triggers": [{ "type": "cron", "schedule": "0 4 * * *" }],
            })
        }),
        row("POST /api/client/servers/{server}/schedules/import", create).body(|_| {
            json!({
                "name": "Imported", "enabled": false, "condition": { "type": "none" }, "triggers": [],
                "steps": [{ "action": { "type": "sleep", "duration": 1000 }, "order": 0 }],
            })
        }),
        row("GET /api/client/servers/{server}/schedules/{schedule}", read),
        row("PATCH /api/client/servers/{server}/schedules/{schedule}", update)
            .body(|_| json!({ "name": "Renamed", "enabled": false })),
        row(
            "DELETE /api/client/servers/{server}/schedules/{schedule}",
            Needs::Server("schedules.delete"),
        ),
        row("GET /api/client/servers/{server}/schedules/{schedule}/export", read),
        row("POST /api/client/servers/{server}/schedules/{schedule}/duplicate", create)
            .body(|_| json!({ "name": "A copy" })),
        row("GET /api/client/servers/{server}/schedules/{schedule}/status", read),
        row("POST /api/client/servers/{server}/schedules/{schedule}/trigger", update)
            .body(|_| json!({ "skip_condition": true })),
        row("POST /api/client/servers/{server}/schedules/{schedule}/abort", update),
        row("GET /api/client/servers/{server}/schedules/{schedule}/steps", read),
        row("POST /api/client/servers/{server}/schedules/{schedule}/steps", update)
            .body(|_| json!({ "action": { "type": "sleep", "duration": 1000 }, "order": 1 })),
        row("PUT /api/client/servers/{server}/schedules/{schedule}/steps/order", update)
            .body(|o| json!({ "schedule_step_order": o.schedule.steps })),
        row("PATCH /api/client/servers/{server}/schedules/{schedule}/steps/{step}", update)
            .body(|_| json!({ "action": { "type": "sleep", "duration": 2000 } })),
        row("DELETE /api/client/servers/{server}/schedules/{schedule}/steps/{step}", update),
        row("POST /api/client/servers/{server}/schedules/{schedule}/steps/{step}/duplicate", update),
    ]
}
