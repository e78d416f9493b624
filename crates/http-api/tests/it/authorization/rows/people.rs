//! Users, roles, and the panel as a whole.

use serde_json::json;

use super::super::row::{Needs, Row, State, row};

pub(super) fn rows() -> Vec<Row> {
    vec![
        row("GET /api/admin/activity", Needs::Admin(&["activity.read"])),
        row("GET /api/admin/settings", Needs::Admin(&["settings.read"])),
        row(
            "PUT /api/admin/settings",
            Needs::Admin(&["settings.update"]),
        ),
        row(
            "GET /api/admin/stats/general",
            Needs::Admin(&["stats.read"]),
        ),
        row("GET /api/admin/users", Needs::Admin(&["users.read"])),
        row("POST /api/admin/users", Needs::Admin(&["users.create"])).body(|_| {
            json!({
                "username": "made_by_matrix", "email": "matrix@example.com", "name_first": "Made",
                "name_last": "Now", "password": null, "admin": false, "language": "en",
            })
        }),
        row("GET /api/admin/users/{user}", Needs::Admin(&["users.read"])),
        row(
            "GET /api/admin/users/external/{user}",
            Needs::Admin(&["users.read"]),
        )
        .fill("user", |o| o.external_person.clone()),
        row(
            "PATCH /api/admin/users/{user}",
            Needs::Admin(&["users.update"]),
        )
        .body(|_| json!({ "name_first": "Changed" })),
        row(
            "DELETE /api/admin/users/{user}",
            Needs::Admin(&["users.delete"]),
        ),
        row(
            "DELETE /api/admin/users/{user}/two-factor",
            Needs::Admin(&["users.disable-two-factor"]),
        )
        .state(State::SecondFactor),
        row(
            "GET /api/admin/users/{user}/servers",
            Needs::Admin(&["users.read", "servers.read"]),
        )
        .query("owned=true"),
        row(
            "GET /api/admin/users/{user}/activity",
            Needs::Admin(&["users.activity"]),
        ),
        row("GET /api/admin/roles", Needs::Admin(&["roles.read"])),
        row("POST /api/admin/roles", Needs::Admin(&["roles.create"])).body(|_| {
            json!({
                "name": "Made by the matrix", "description": null, "require_two_factor": false,
                "admin_permissions": [], "server_permissions": [],
            })
        }),
        row("GET /api/admin/roles/{role}", Needs::Admin(&["roles.read"])),
        row(
            "PATCH /api/admin/roles/{role}",
            Needs::Admin(&["roles.update"]),
        )
        .body(|_| json!({ "description": "changed" })),
        row(
            "DELETE /api/admin/roles/{role}",
            Needs::Admin(&["roles.delete"]),
        ),
        row(
            "GET /api/admin/roles/{role}/users",
            Needs::Admin(&["roles.read", "users.read"]),
        ),
        row(
            "POST /api/admin/roles/{role}/duplicate",
            Needs::Admin(&["roles.create", "roles.read"]),
        )
        .body(|_| json!({ "name": "Copied by the matrix" })),
    ]
}
