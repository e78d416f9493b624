//! Servers from their creation to their deletion: installed by their node, started, given commands, killed, deleted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::Fate;
use crate::chaos::session::{Change, Session};
use crate::client::Method;

use super::Promises;

const PAUSE: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(20);
const COMMANDS: usize = 4;

/// A server by its name, which is unique in the run.
#[derive(Debug, Clone)]
pub(crate) struct Game {
    pub(crate) name: String,
    pub(crate) made: Fate,
    /// Nothing as long as nobody asked for its deletion.
    pub(crate) deleted: Option<Fate>,
}

pub(super) async fn start(run: &Arc<Run>, actors: &mut JoinSet<Promises>) -> Outcome {
    let admin = run.topology.world().admin.clone();
    for node in 0..run.topology.world().nodes.len() {
        let client = run.topology.client()?;
        client.sign_in(&admin.username, &admin.password).await?;
        actors.spawn(lives(
            Session::new(run, client, &admin.uuid, "the administrator"),
            node,
        ));
    }
    Ok(())
}

/// One server after the other on one node.
async fn lives(session: Session, node: usize) -> Promises {
    let mut promises = Promises::default();
    while !session.run.is_over() {
        if let Some(game) = life(&session, node).await {
            promises.games.push(game);
        }
        tokio::time::sleep(PAUSE).await;
    }
    promises
}

async fn life(session: &Session, node: usize) -> Option<Game> {
    let world = session.run.topology.world();
    let node = &world.nodes[node].uuid;
    let path = format!("/api/admin/nodes/{node}/allocations/available?page=1&per_page=50");
    let free = session.get(&path).await?;
    let number = session.run.numbers.next();
    let free = free["allocations"]["data"].as_array()?;
    // Not always the first one, so that nothing is right by accident.
    let place = usize::try_from(number).ok()? % free.len().max(1);
    let allocation = free.get(place)?["uuid"].as_str()?.to_owned();
    let name = format!("Game N{number}");
    let body = world.new_server(&name, &world.admin.uuid, node, &allocation);
    let change = Change {
        method: Method::POST,
        path: "/api/admin/servers",
        body,
        event: Some("server:create"),
    };
    let (made, answer) = session.change(change).await;
    let mut game = Game {
        name,
        made,
        deleted: None,
    };
    if made != Fate::Acknowledged {
        return Some(game);
    }
    let server = answer["server"]["uuid"].as_str()?.to_owned();
    let path = format!("/api/admin/servers/{server}");
    let installed = wait(session, &path, |seen| seen["server"]["status"].is_null());
    if installed.await {
        play(session, &server).await;
    }
    let change = Change {
        method: Method::DELETE,
        path: &path,
        body: json!({}),
        event: Some("server:delete"),
    };
    let (deleted, _) = session.change(change).await;
    game.deleted = Some(deleted);
    Some(game)
}

/// Starts it, sends commands that each exist once, and kills it.
async fn play(session: &Session, server: &str) {
    let path = format!("/api/client/servers/{server}");
    power(session, &path, "start").await;
    let resources = format!("{path}/resources");
    let running = wait(session, &resources, |seen| {
        seen["resources"]["state"] == "running"
    });
    if !running.await {
        return;
    }
    for _ in 0..COMMANDS {
        let command = format!("say chaos-{}", session.run.numbers.next());
        let change = Change {
            method: Method::POST,
            path: &format!("{path}/command"),
            body: json!({ "command": command }),
            event: None,
        };
        session.change(change).await;
        if session.run.is_over() {
            return;
        }
    }
    power(session, &path, "kill").await;
}

async fn power(session: &Session, server: &str, action: &str) {
    let change = Change {
        method: Method::POST,
        path: &format!("{server}/power"),
        body: json!({ "action": action }),
        event: None,
    };
    session.change(change).await;
}

/// True when an answer was as wished before the patience or the run was over.
async fn wait(session: &Session, path: &str, wished: impl Fn(&Value) -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline && !session.run.is_over() {
        if session.get(path).await.is_some_and(|seen| wished(&seen)) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    false
}
