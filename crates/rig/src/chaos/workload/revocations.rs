//! Credentials that are taken back while they are in use on a server of every region.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::{Fate, Finding};
use crate::chaos::session::{Change, Session};
use crate::client::{Client, Method};

use super::Promises;

/// From the answer to a revocation to its being honoured everywhere.
const BUDGET: Duration = Duration::from_secs(1);
const PROBE: Duration = Duration::from_millis(10);
/// How long a key is used before it is taken back: long enough to be in every cache.
const IN_USE: Duration = Duration::from_millis(300);
const PAUSE: Duration = Duration::from_secs(2);

pub(super) async fn start(run: &Arc<Run>, actors: &mut JoinSet<Promises>) -> Outcome {
    let user = run.topology.world().admin.clone();
    let client = run.topology.client()?;
    client.sign_in(&user.username, &user.password).await?;
    actors.spawn(rounds(Session::new(
        run,
        client,
        &user.uuid,
        "the administrator",
    )));
    Ok(())
}

async fn rounds(session: Session) -> Promises {
    let mut promises = Promises::default();
    let mut round = 0;
    while !session.run.is_over() {
        if let Some(key) = one(&session, round).await {
            promises.revoked_keys.push(key);
        }
        round += 1;
        tokio::time::sleep(PAUSE).await;
    }
    promises
}

/// Gives the key's id when its deletion was acknowledged.
async fn one(session: &Session, round: usize) -> Option<String> {
    let path = "/api/client/account/api-keys";
    let change = Change {
        method: Method::POST,
        path,
        body: json!({
            "name": format!("Key N{}", session.run.numbers.next()), "allowed_ips": [], "expires": null,
            "user_permissions": ["servers.read"], "server_permissions": [], "admin_permissions": [],
        }),
        event: Some("user:api-key.create"),
    };
    let (made, answer) = session.change(change).await;
    if made != Fate::Acknowledged {
        return None;
    }
    let key = answer["key"].as_str()?;
    let id = answer["api_key"]["uuid"].as_str()?.to_owned();
    session.run.secrets().push(key.to_owned());
    // One of the two servers of each region, in turn.
    let servers: Vec<_> = session.run.topology.servers().collect();
    let (revoked, seen) = watch::channel(None);
    let mut probes = JoinSet::new();
    for (name, _, url) in servers.iter().skip(round % 2).step_by(2) {
        let client = session.client.at(url).with_key(key);
        probes.spawn(probe(client, (*name).to_owned(), seen.clone()));
    }
    tokio::time::sleep(IN_USE).await;
    let change = Change {
        method: Method::DELETE,
        path: &format!("{path}/{id}"),
        body: json!({}),
        event: Some("user:api-key.delete"),
    };
    let (fate, _) = session.change(change).await;
    if fate != Fate::Acknowledged {
        probes.abort_all();
        return None;
    }
    revoked.send_replace(Some(Instant::now()));
    while let Some(probed) = probes.join_next().await {
        let Ok((name, Some(late))) = probed else {
            continue;
        };
        session.run.history.found(
            Finding::LateRevocation,
            format!(
                "{:.1} s: {name} honoured a key {} ms after its deletion was answered",
                session.run.history.seconds(),
                late.as_millis()
            ),
        );
    }
    Some(id)
}

/// Uses the key every 10 ms. Gives how long after its revocation the last request began that was still granted, if that is beyond the budget.
async fn probe(
    client: Client,
    name: String,
    revoked: watch::Receiver<Option<Instant>>,
) -> (String, Option<Duration>) {
    let mut ticks = tokio::time::interval(PROBE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut latest = None;
    loop {
        ticks.tick().await;
        let began = Instant::now();
        let answer = client
            .send(Method::GET, "/api/client/account", None, &[])
            .await;
        let Some(revoked) = *revoked.borrow() else {
            continue;
        };
        let after = began.saturating_duration_since(revoked);
        let granted = answer.is_ok_and(|answer| answer.is_success());
        if granted && after > BUDGET {
            latest = Some(after);
        }
        // Twice the budget without a grant, or a key that is still good after five times as long.
        let last = latest.unwrap_or_default();
        if after > 5 * BUDGET || after.saturating_sub(last) > 2 * BUDGET {
            return (name, latest);
        }
    }
}
