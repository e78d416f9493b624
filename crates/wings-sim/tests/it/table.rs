//! Every route of every daemon, client against simulator. A row is a row of the protocol's reference: who has the route, and the call that
//! uses it. Where a daemon has it, the call succeeds; where it has not, the client says so without asking.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use reqwest::StatusCode;
use uuid::Uuid;
use wings_client::Error;
use wings_sim::{Dialect, NOT_PLAYED, ROUTES};

use stage::{Outcome, Stage, raw, stage};

type Called<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

struct Row {
    route: (&'static str, &'static str),
    call: for<'a> fn(&'a Stage) -> Called<'a>,
}

macro_rules! rows {
    ($($method:literal $path:literal => |$stage:ident| $body:expr;)+) => {
        &[$(Row {
            route: ($method, $path),
            call: |$stage| Box::pin(async move { $body }),
        },)+]
    };
}

mod elsewhere;
mod files;
mod machine;
mod servers;
mod stage;

fn rows() -> impl Iterator<Item = &'static Row> {
    [machine::ROWS, servers::ROWS, files::ROWS, elsewhere::ROWS]
        .into_iter()
        .flatten()
}

async fn every_row(dialect: Dialect) {
    let mut failures = Vec::new();
    for row in rows() {
        let (method, path) = row.route;
        let known = ROUTES
            .iter()
            .find(|route| (route.method, route.path) == row.route)
            .unwrap_or_else(|| panic!("{method} {path} is no route"));
        let stage = stage(dialect).await;
        let outcome = (row.call)(&stage).await;
        let fits = match &outcome {
            Ok(()) => known.is_of(dialect),
            Err(Error::LacksCapability { .. }) => !known.is_of(dialect),
            Err(_) => false,
        };
        if !fits {
            failures.push(format!("{method} {path}: {outcome:?}"));
        }
    }
    assert!(failures.is_empty(), "{dialect:?}: {failures:#?}");
}

#[tokio::test]
async fn pterodactyl_answers_every_row_of_the_master_table() {
    every_row(Dialect::Pterodactyl).await;
}

#[tokio::test]
async fn pelican_answers_every_row_of_the_master_table() {
    every_row(Dialect::Pelican).await;
}

#[tokio::test]
async fn calagopus_0_22_answers_every_row_of_the_master_table() {
    every_row(Dialect::Calagopus).await;
}

#[tokio::test]
async fn calagopus_1_answers_every_row_of_the_master_table() {
    every_row(Dialect::CalagopusNext).await;
}

#[test]
fn every_route_has_its_row() {
    let rows: BTreeSet<_> = rows().map(|row| row.route).collect();
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(rows, routes);
    let unplayed: BTreeSet<_> = NOT_PLAYED.iter().copied().collect();
    assert!(unplayed.is_disjoint(&routes));
}

/// A route that a daemon does not have is answered as that daemon answers it, and one that it has is not.
#[tokio::test]
async fn the_simulators_have_the_routes_of_their_daemons_and_no_others() {
    for dialect in Dialect::ALL {
        let stage = stage(dialect).await;
        for route in ROUTES {
            let path = route.path.replacen("{}", &stage.server.to_string(), 1);
            let path = path.replace("{}", &Uuid::new_v4().to_string());
            if path.ends_with("/ws") || route.method == "HEAD" {
                continue;
            }
            let answer = raw(&stage, route.method, &path).await;
            let status = answer.status();
            let text = answer.text().await.unwrap();
            let unknown = status == StatusCode::NOT_FOUND
                && (text == "404 page not found" || text.contains("route not found"));
            assert_eq!(
                unknown,
                !route.is_of(dialect),
                "{dialect:?} {} {}: {status} {text}",
                route.method,
                route.path
            );
        }
    }
}
