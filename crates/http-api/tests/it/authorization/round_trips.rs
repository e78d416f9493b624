//! How often an operation waits for the primary, which may be a region away.

use panel_testkit::Client;

use super::attempt::World;
use super::row::{Needs, Row};
use super::rows;

/// What an operation that changes something may cost, COMMIT included.
const BUDGET: u64 = 4;

/// Operations that cost more, and what they may cost: each handles many things at once, or asks a node in between.
const MORE: &[(&str, u64)] = &[];

/// Reads that are answered without asking any database once they have been answered.
const CACHED: &[&str] = &["GET /api/settings"];

impl World {
    /// How often the operation waits for the primary when somebody does it who may.
    async fn cost(&self, row: &Row) -> u64 {
        let objects = self.prepare(row).await;
        let client: &Client = match row.needs {
            Needs::Nothing | Needs::FirstRun => &self.app().anonymous(),
            Needs::SignIn | Needs::Account(_) => &objects.browser,
            Needs::Admin(_) | Needs::SeeServer | Needs::Server(_) => self.root(),
            Needs::Node => &self.app().node_client(self.sim().node()),
        };
        // Who asks is known then.
        client.get("/api/client/account").await;
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

fn changes(row: &Row) -> bool {
    row.method() != "GET" && !matches!(row.needs, Needs::FirstRun)
}

#[tokio::test]
async fn a_change_waits_four_times_at_most() {
    let world = World::new().await;
    let mut over = Vec::new();
    for row in rows::all().iter().filter(|row| changes(row)) {
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

#[tokio::test]
async fn what_is_cached_asks_no_database() {
    let world = World::new().await;
    for operation in CACHED {
        let rows = rows::all();
        let row = rows.iter().find(|row| row.operation == *operation);
        let row = row.expect("a row of the operation");
        world.cost(row).await;
        assert_eq!(world.cost(row).await, 0, "{operation}");
    }
}
