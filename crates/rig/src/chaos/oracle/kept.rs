//! Whether every acknowledged change is there, and limits and addresses are as they must be.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::{Fate, Finding};
use crate::chaos::workload::{Promises, Target};

pub(super) async fn judge(run: &Run, client: &Client, promises: &Promises) -> Outcome {
    names(run, client, promises).await?;
    let places = texts(client, "SELECT name FROM locations").await?;
    for place in &promises.places {
        exists(run, &place.name, place.made, place.deleted, &places);
    }
    let servers = texts(client, "SELECT name FROM servers").await?;
    for game in &promises.games {
        exists(run, &game.name, game.made, game.deleted, &servers);
    }
    let keys = texts(client, "SELECT id::text FROM api_keys").await?;
    for key in &promises.revoked_keys {
        if keys.contains(key) {
            lost(run, format!("the deletion of the API key {key}"));
        }
    }
    constraints(run, client).await
}

async fn names(run: &Run, client: &Client, promises: &Promises) -> Outcome {
    for name in &promises.names {
        let statement = match name.what {
            Target::Profile => "SELECT name_first FROM users WHERE id::text = $1",
            Target::Server => "SELECT name FROM servers WHERE id::text = $1",
        };
        let row = client.query_one(statement, &[&name.id]).await?;
        let value: String = row.get(0);
        let number = value
            .strip_prefix('N')
            .and_then(|number| number.parse().ok());
        let number: u64 = number.unwrap_or_default();
        if number < name.acknowledged || number > name.attempted {
            lost(
                run,
                format!(
                    "the {:?} of {} is {value}, N{} was acknowledged and N{} attempted last",
                    name.what, name.id, name.acknowledged, name.attempted
                ),
            );
        }
    }
    Ok(())
}

fn exists(run: &Run, name: &str, made: Fate, deleted: Option<Fate>, there: &BTreeSet<String>) {
    match (made, deleted) {
        (Fate::Acknowledged, None | Some(Fate::Refused)) if !there.contains(name) => {
            lost(run, format!("{name}, which was made and not deleted"));
        }
        (_, Some(Fate::Acknowledged)) if there.contains(name) => {
            lost(run, format!("the deletion of {name}"));
        }
        (Fate::Refused, _) if there.contains(name) => {
            let text = format!("{name} is there although it was refused");
            run.history.found(Finding::DuplicateEffect, text);
        }
        _ => {}
    }
}

/// What the schema's constraints do not say.
async fn constraints(run: &Run, client: &Client) -> Outcome {
    let rules = [
        (
            "addresses of a server that does not exist, or on another node than their server",
            "SELECT count(*) FROM server_allocations x JOIN allocations a ON a.id = x.allocation_id \
             LEFT JOIN servers s ON s.id = x.server_id WHERE s.id IS NULL OR s.node_id <> a.node_id",
        ),
        (
            "servers without a primary address, or with more addresses than they may have",
            "SELECT count(*) FROM servers s WHERE NOT EXISTS \
             (SELECT 1 FROM server_allocations x WHERE x.server_id = s.id)",
        ),
        (
            "addresses that two servers have",
            "SELECT count(*) - count(DISTINCT allocation_id) FROM server_allocations",
        ),
        (
            "users with more than 50 API keys",
            "SELECT count(*) FROM (SELECT 1 FROM api_keys GROUP BY user_id HAVING count(*) > 50) x",
        ),
    ];
    for (what, statement) in rules {
        let count: i64 = client.query_one(statement, &[]).await?.get(0);
        if count != 0 {
            run.history
                .found(Finding::BrokenLimit, format!("{count} {what}"));
        }
    }
    // Nobody deletes addresses here, so none may be missing.
    let count: i64 = client
        .query_one("SELECT count(*) FROM allocations", &[])
        .await?
        .get(0);
    let made = run.topology.world().addresses();
    if usize::try_from(count).ok() != Some(made) {
        lost(run, format!("addresses: {count} are left of {made}"));
    }
    Ok(())
}

fn lost(run: &Run, what: String) {
    run.history.found(Finding::LostWrite, what);
}

async fn texts(client: &Client, statement: &str) -> Outcome<BTreeSet<String>> {
    let rows = client.query(statement, &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
