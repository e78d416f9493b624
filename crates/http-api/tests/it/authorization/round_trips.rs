//! How often an operation waits for the primary, which may be a region away.

use panel_testkit::Client;

use super::attempt::World;
use super::row::{Needs, Row, State};
use super::rows;

/// What an operation that changes something may cost, COMMIT included.
const BUDGET: u64 = 4;

/// Operations that cost more, and what they may cost: many handle several things at once or ask a node in between. A cost that
/// has fallen is to be written down here, and none may rise.
const MORE: &[(&str, u64)] = &[
    ("PUT /api/client/account/password", 5),
    ("POST /api/admin/servers/deploy", 8),
    ("POST /api/admin/nodes/{node}/duplicate", 5),
    ("PATCH /api/admin/nodes/{node}/allocations", 7),
    ("POST /api/admin/eggs/starter", 6),
    ("POST /api/admin/nests/{nest}/eggs/{egg}/duplicate", 6),
    ("POST /api/admin/nests/{nest}/eggs/{egg}/move", 5),
    ("POST /api/admin/nests/{nest}/eggs/{egg}/update/import", 6),
    (
        "POST /api/admin/nests/{nest}/eggs/{egg}/update/import/url",
        6,
    ),
    (
        "POST /api/admin/nests/{nest}/eggs/{egg}/variables/{variable}/duplicate",
        6,
    ),
    ("POST /api/client/servers/{server}/allocations", 8),
    (
        "PATCH /api/client/servers/{server}/allocations/{allocation}",
        6,
    ),
    (
        "DELETE /api/client/servers/{server}/allocations/{allocation}",
        6,
    ),
    ("POST /api/client/servers/{server}/settings/install", 5),
    (
        "POST /api/client/servers/{server}/settings/install/cancel",
        8,
    ),
    (
        "POST /api/client/servers/{server}/settings/install/unlock",
        5,
    ),
    ("PUT /api/client/servers/{server}/startup/command", 5),
    ("PUT /api/client/servers/{server}/startup/docker-image", 5),
    ("POST /api/client/servers/{server}/subusers", 8),
    ("PATCH /api/client/servers/{server}/subusers/{subuser}", 6),
    ("DELETE /api/client/servers/{server}/subusers/{subuser}", 6),
    ("POST /api/client/servers/{server}/schedules", 7),
    ("POST /api/client/servers/{server}/schedules/import", 7),
    ("PATCH /api/client/servers/{server}/schedules/{schedule}", 6),
    (
        "DELETE /api/client/servers/{server}/schedules/{schedule}",
        6,
    ),
    (
        "POST /api/client/servers/{server}/schedules/{schedule}/duplicate",
        9,
    ),
    (
        "POST /api/client/servers/{server}/schedules/{schedule}/trigger",
        6,
    ),
    (
        "POST /api/client/servers/{server}/schedules/{schedule}/steps",
        6,
    ),
    (
        "PUT /api/client/servers/{server}/schedules/{schedule}/steps/order",
        7,
    ),
    (
        "PATCH /api/client/servers/{server}/schedules/{schedule}/steps/{step}",
        6,
    ),
    (
        "POST /api/client/servers/{server}/schedules/{schedule}/abort",
        5,
    ),
    (
        "DELETE /api/client/servers/{server}/schedules/{schedule}/steps/{step}",
        6,
    ),
    (
        "POST /api/client/servers/{server}/schedules/{schedule}/steps/{step}/duplicate",
        9,
    ),
    (
        "PATCH /api/admin/servers/{server}/allocations/{allocation}",
        5,
    ),
    (
        "DELETE /api/admin/servers/{server}/allocations/{allocation}",
        5,
    ),
    ("POST /api/client/servers/{server}/mounts", 5),
    ("POST /api/client/servers/{server}/backups", 5),
    ("PATCH /api/client/servers/{server}/backups/{backup}", 5),
    ("DELETE /api/client/servers/{server}/backups/{backup}", 6),
    (
        "POST /api/client/servers/{server}/backups/{backup}/restore",
        5,
    ),
    ("POST /api/client/servers/{server}/backups/groups", 5),
    ("POST /api/admin/nodes/{node}/backups/{backup}/restore", 7),
    ("POST /api/remote/backups/{backup}", 5),
    ("POST /api/remote/backups/{backup}/restore", 5),
    ("POST /api/remote/servers/{server}/install", 5),
    ("POST /api/remote/servers/{server}/transfer/success", 7),
    ("POST /api/remote/servers/{server}/transfer/failure", 6),
    ("POST /api/admin/servers/{server}/transfer", 9),
    ("POST /api/admin/servers/{server}/transfer/cancel", 6),
    ("POST /api/admin/nodes/{node}/servers/transfer", 11),
    ("POST /api/remote/sftp/auth", 5),
    ("POST /api/remote/schedule", 6),
    ("PUT /api/remote/servers/{server}/startup/variables", 8),
    ("PUT /api/remote/servers/{server}/startup/command", 8),
    ("PUT /api/remote/servers/{server}/startup/docker-image", 8),
];

impl World {
    /// How often the operation waits for the primary when somebody does it who may.
    async fn cost(&self, row: &Row) -> u64 {
        let objects = self.prepare(row).await;
        let client: &Client = match row.needs {
            Needs::Nothing | Needs::FirstRun => &self.app().anonymous(),
            Needs::SignIn | Needs::Account(_) => &objects.browser,
            Needs::Admin(_) | Needs::SeeServer | Needs::Server(_) | Needs::ServerAll(_) => {
                self.root()
            }
            Needs::Node => &self.app().node_client(self.sim().node()),
        };
        // Who asks is known then: no answer to this is kept, which would be given without a look at who it is.
        client.get("/api/client/permissions").await;
        let before = self.app().db().round_trips().primary;
        let answer = self.send(client, row, &objects).await;
        let after = self.app().db().round_trips().primary;
        assert!(
            answer.is_success(),
            "{}: {}",
            row.operation,
            answer.describe()
        );
        after - before
    }
}

/// Whether a row is a change whose cost can be told: where a daemon runs the server, its own requests would be counted as well.
fn counts(row: &Row) -> bool {
    row.method() != "GET"
        && !matches!(row.needs, Needs::FirstRun)
        && matches!(
            row.state,
            State::AsMade | State::Status(_) | State::Movable | State::Moving | State::Arriving
        )
}

#[tokio::test]
async fn a_change_waits_four_times_at_most() {
    let world = World::new().await;
    let mut over = Vec::new();
    for row in rows::all().iter().filter(|row| counts(row)) {
        let cost = world.cost(row).await;
        let known = MORE
            .iter()
            .find(|(operation, _)| *operation == row.operation);
        let budget = known.map_or(BUDGET, |(_, budget)| *budget);
        if cost > budget {
            over.push(format!("{}: {cost}, may cost {budget}", row.operation));
        }
    }
    assert!(over.is_empty(), "{}", over.join("\n"));
    let stale = MORE.iter().find(|(operation, budget)| {
        *budget <= BUDGET || !rows::all().iter().any(|row| row.operation == *operation)
    });
    assert_eq!(stale, None, "is no exception");
}
