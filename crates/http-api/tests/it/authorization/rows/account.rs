//! The own account.

use std::sync::LazyLock;

use panel_testkit::factory::public_key;
use panel_testkit::{FileServer, PASSWORD};
use serde_json::json;

use super::super::row::{Needs, Row, State, row};

/// Where somebody publishes a key, for all worlds of this process.
pub(in super::super) fn ssh_key_site() -> String {
    static SITE: LazyLock<FileServer> =
        LazyLock::new(|| FileServer::start(&[("/octocat.keys", &public_key(4_000_000_000))]));
    SITE.url("/")
}

fn ssh_keys() -> Vec<Row> {
    vec![
        row(
            "GET /api/client/account/ssh-keys",
            Needs::Account("ssh-keys.read"),
        ),
        row(
            "POST /api/client/account/ssh-keys",
            Needs::Account("ssh-keys.create"),
        )
        .body(|_| json!({ "name": "made by the matrix", "public_key": public_key(4_000_000_001) })),
        row(
            "POST /api/client/account/ssh-keys/import",
            Needs::Account("ssh-keys.create"),
        )
        .body(|_| json!({ "provider": "github", "username": "octocat" })),
        row(
            "PATCH /api/client/account/ssh-keys/{ssh_key}",
            Needs::Account("ssh-keys.update"),
        )
        .body(|_| json!({ "name": "renamed" })),
        row(
            "DELETE /api/client/account/ssh-keys/{ssh_key}",
            Needs::Account("ssh-keys.delete"),
        ),
    ]
}

fn command_snippets() -> Vec<Row> {
    vec![
        row(
            "GET /api/client/account/command-snippets",
            Needs::Account("command-snippets.read"),
        ),
        row(
            "GET /api/client/servers/eggs/{egg}/command-snippets",
            Needs::Account("command-snippets.read"),
        ),
        row(
            "POST /api/client/account/command-snippets",
            Needs::Account("command-snippets.create"),
        )
        .body(|o| json!({ "name": "made", "command": "save-all", "eggs": [o.egg.id] })),
        row(
            "PATCH /api/client/account/command-snippets/{command_snippet}",
            Needs::Account("command-snippets.update"),
        )
        .body(|_| json!({ "name": "renamed" })),
        row(
            "POST /api/client/account/command-snippets/{command_snippet}/duplicate",
            Needs::Account("command-snippets.create"),
        )
        .body(|_| json!({ "name": "copied" })),
        row(
            "DELETE /api/client/account/command-snippets/{command_snippet}",
            Needs::Account("command-snippets.delete"),
        ),
    ]
}

fn server_groups() -> Vec<Row> {
    vec![
        row(
            "GET /api/client/servers/groups",
            Needs::Account("servers.read"),
        ),
        row(
            "GET /api/client/servers/groups/{server_group}",
            Needs::Account("servers.read"),
        ),
        row(
            "POST /api/client/servers/groups",
            Needs::Account("servers.create"),
        )
        .body(|_| json!({ "name": "made", "server_order": [] })),
        row(
            "PUT /api/client/servers/groups/order",
            Needs::Account("servers.update"),
        )
        .body(|o| json!({ "server_group_order": [o.server_group] })),
        row(
            "PATCH /api/client/servers/groups/{server_group}",
            Needs::Account("servers.update"),
        )
        .body(|_| json!({ "name": "renamed" })),
        row(
            "DELETE /api/client/servers/groups/{server_group}",
            Needs::Account("servers.delete"),
        ),
    ]
}

fn two_factor() -> Vec<Row> {
    const PERMISSION: Needs = Needs::Account("account.two-factor");
    vec![
        row("GET /api/client/account/two-factor", PERMISSION),
        row("POST /api/client/account/two-factor", PERMISSION)
            .state(State::AuthenticatorKnown)
            .body(|o| json!({ "code": o.code, "password": PASSWORD })),
        row("DELETE /api/client/account/two-factor", PERMISSION)
            .state(State::SecondFactor)
            .body(|o| json!({ "code": o.code, "password": PASSWORD })),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
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
    ];
    rows.extend(server_groups());
    rows.extend(two_factor());
    rows.extend(ssh_keys());
    rows.extend(command_snippets());
    rows
}
