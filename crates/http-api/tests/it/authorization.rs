//! Who may do what, for every operation of the OpenAPI document.
//!
//! Each operation has a row that says what it needs and how a valid request looks ([`rows`]); who is asked to try it, and what
//! they must be answered, follows from the need ([`Needs`]). The last who tries is somebody with exactly what is needed, and
//! must succeed: a row whose request never works would prove nothing.

mod attempt;
mod objects;
mod round_trips;
mod row;
mod rows;

use std::collections::BTreeSet;

use panel_http_api::openapi::{self, Audience};

use self::attempt::World;
use self::row::Needs;

/// The operations that need no credential. Whoever adds one decides it here, in view of everybody.
const PUBLIC: &str = include_str!("public-endpoints.txt");

fn documented() -> BTreeSet<String> {
    let paths = &openapi::document().paths.paths;
    paths
        .iter()
        .flat_map(|(path, item)| {
            [
                ("GET", item.get.is_some()),
                ("PUT", item.put.is_some()),
                ("POST", item.post.is_some()),
                ("DELETE", item.delete.is_some()),
                ("PATCH", item.patch.is_some()),
            ]
            .into_iter()
            .filter(|(_, exists)| *exists)
            .map(move |(method, _)| format!("{method} {path}"))
        })
        .collect()
}

#[test]
fn every_operation_has_a_row() {
    let documented = documented();
    let rows: Vec<String> = rows::all()
        .iter()
        .map(|row| row.operation.to_owned())
        .collect();
    let known: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), known.len(), "an operation has two rows");
    let missing: Vec<_> = documented.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "operations without a row in tests/it/authorization/rows: {missing:#?}"
    );
    let stale: Vec<_> = known.difference(&documented).collect();
    assert!(stale.is_empty(), "rows without an operation: {stale:#?}");
}

#[test]
fn what_is_public_is_on_the_list() {
    let listed: BTreeSet<&str> = PUBLIC
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let rows = rows::all();
    let public: BTreeSet<&str> = rows
        .iter()
        .filter(|row| matches!(row.needs, Needs::Nothing | Needs::FirstRun))
        .map(|row| row.operation)
        .collect();
    assert_eq!(public, listed);
    let documented = documented();
    let open: BTreeSet<&str> = documented
        .iter()
        .map(String::as_str)
        .filter(|operation| {
            let path = operation.split_once(' ').map_or("", |(_, path)| path);
            Audience::of(path) == Audience::Everybody
        })
        .collect();
    assert_eq!(open, listed, "operations that let everybody in");
}

#[tokio::test]
async fn each_lets_in_who_may_and_nobody_else() {
    let world = World::new().await;
    let mut failures = Vec::new();
    for row in rows::all() {
        if let Err(failure) = world.try_out(&row).await {
            failures.push(failure);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
