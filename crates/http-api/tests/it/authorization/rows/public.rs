//! What anybody may ask, and the setup.

use panel_testkit::PASSWORD;
use serde_json::json;

use super::super::row::{Needs, Row, State, row};

pub(super) fn rows() -> Vec<Row> {
    vec![
        row("GET /api/announcements", Needs::Nothing),
        row("GET /api/languages", Needs::Nothing),
        row("GET /api/settings", Needs::Nothing),
        row("GET /api/setup", Needs::Nothing),
        row("POST /api/setup", Needs::FirstRun),
        row("POST /api/setup/finish", Needs::Admin(&["settings.update"])),
        row("POST /api/auth/login", Needs::Nothing)
            .body(|o| json!({ "user": o.person.username, "password": PASSWORD })),
        row("POST /api/auth/login/checkpoint", Needs::Nothing)
            .state(State::SecondFactor)
            .body(|o| json!({ "code": o.code, "confirmation_token": o.confirmation_token })),
    ]
}
