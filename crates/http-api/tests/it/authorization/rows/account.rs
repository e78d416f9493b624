//! The own account.

use panel_testkit::PASSWORD;
use serde_json::json;

use super::super::row::{Needs, Row, row};

pub(super) fn rows() -> Vec<Row> {
    vec![
        row("GET /api/client/permissions", Needs::SignIn),
        row("GET /api/client/account", Needs::SignIn),
        row("POST /api/client/account/logout", Needs::SignIn),
        row("PATCH /api/client/account", Needs::Account("account.infos"))
            .body(|_| json!({ "language": "de" })),
        row(
            "PUT /api/client/account/email",
            Needs::Account("account.email"),
        )
        .body(|o| json!({ "email": format!("new-{}", o.person.email), "password": PASSWORD })),
        row(
            "PUT /api/client/account/password",
            Needs::Account("account.password"),
        )
        .body(|_| json!({ "password": PASSWORD, "new_password": PASSWORD })),
        row(
            "GET /api/client/account/activity",
            Needs::Account("activity.read"),
        ),
        row(
            "GET /api/client/account/sessions",
            Needs::Account("sessions.read"),
        ),
        row(
            "DELETE /api/client/account/sessions",
            Needs::Account("sessions.delete"),
        ),
        row(
            "DELETE /api/client/account/sessions/{session}",
            Needs::Account("sessions.delete"),
        ),
        row(
            "GET /api/client/account/api-keys",
            Needs::Account("api-keys.read"),
        ),
        row(
            "GET /api/client/account/api-keys/identifier/{identifier}",
            Needs::Account("api-keys.read"),
        ),
        row(
            "POST /api/client/account/api-keys",
            Needs::Account("api-keys.create"),
        )
        .body(|_| {
            json!({
                "name": "made by the matrix", "allowed_ips": [], "expires": null,
                "user_permissions": [], "admin_permissions": [], "server_permissions": [],
            })
        }),
        row(
            "PATCH /api/client/account/api-keys/{api_key}",
            Needs::Account("api-keys.update"),
        )
        .body(|_| json!({ "name": "renamed", "allowed_ips": [] })),
        row(
            "POST /api/client/account/api-keys/{api_key}/recreate",
            Needs::Account("api-keys.recreate"),
        ),
        row(
            "DELETE /api/client/account/api-keys/{api_key}",
            Needs::Account("api-keys.delete"),
        ),
    ]
}
