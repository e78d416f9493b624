//! What really happened on the nodes, from their own ledgers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tokio_postgres::Client;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::Finding;

pub(super) async fn judge(run: &Run, client: &Client) -> Outcome {
    let rows = client
        .query("SELECT DISTINCT server_id::text FROM operations", &[])
        .await?;
    let asked: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let rows = client
        .query("SELECT id::text, node_id::text FROM servers", &[])
        .await?;
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let (server, node): (String, String) = (row.get(0), row.get(1));
        expected.entry(node).or_default().insert(server);
    }
    for (index, node) in run.topology.world().nodes.iter().enumerate() {
        let url = run
            .topology
            .node_url(index)
            .ok_or("there is no such node")?;
        let daemon = run.topology.client()?.at(&url);
        ledger(run, &node.name, &daemon.get("/sim/ledger").await?, &asked);
        let there = daemon.get("/sim/servers").await?;
        let there: BTreeSet<String> = ids(&there, "uuid").collect();
        let none = BTreeSet::new();
        let expected = expected.get(&node.uuid).unwrap_or(&none);
        for server in there.symmetric_difference(expected) {
            let whose = if there.contains(server) {
                "the panel does not know"
            } else {
                "it does not know itself"
            };
            let text = format!("{} has a server that {whose}: {server}", node.name);
            run.history.found(Finding::Orphan, text);
        }
    }
    Ok(())
}

/// A server is created once, and its installation is begun once; one that a daemon takes up again after its own end has another name in the
/// ledger. Every command of the run exists once.
fn ledger(run: &Run, node: &str, ledger: &Value, asked: &BTreeSet<String>) {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for entry in ledger.as_array().into_iter().flatten() {
        let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let (server, effect) = (text("server"), text("effect"));
        if !asked.contains(&server) {
            let what = format!("{node}: {effect} of {server}, for which there is no operation");
            run.history.found(Finding::DuplicateEffect, what);
        }
        let what = match effect.as_str() {
            "created" | "install_started" | "deleted" => effect,
            "command" => text("detail"),
            // A life of the workload has one start and one kill; those of a crash are no calls.
            "power_start" | "power_kill" => effect,
            _ => continue,
        };
        *counts.entry((server, what)).or_default() += 1;
    }
    for ((server, what), count) in counts {
        if count > 1 {
            let text = format!("{node}: {what} of {server} happened {count} times");
            run.history.found(Finding::DuplicateEffect, text);
        }
    }
}

fn ids<'a>(entries: &'a Value, field: &'a str) -> impl Iterator<Item = String> + 'a {
    let entries = entries.as_array().into_iter().flatten();
    entries.filter_map(move |entry| Some(entry[field].as_str()?.to_owned()))
}
