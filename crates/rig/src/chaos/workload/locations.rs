//! Things that come and go: an administrator makes locations, looks for them in the list and by searching, and deletes them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::{Fate, Finding};
use crate::chaos::session::{Change, Session};
use crate::client::Method;

use super::Promises;

const PAUSE: Duration = Duration::from_millis(200);

/// A location by its name, which is unique in the run.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) made: Fate,
    /// Nothing as long as nobody asked for its deletion.
    pub(crate) deleted: Option<Fate>,
}

pub(super) async fn start(run: &Arc<Run>, actors: &mut JoinSet<Promises>) -> Outcome {
    let admin = run.topology.world().admin.clone();
    let client = run.topology.client()?;
    client.sign_in(&admin.username, &admin.password).await?;
    actors.spawn(come_and_go(Session::new(
        run,
        client,
        &admin.uuid,
        "the administrator",
    )));
    Ok(())
}

async fn come_and_go(session: Session) -> Promises {
    let mut promises = Promises::default();
    while !session.run.is_over() {
        promises.places.push(one(&session).await);
        tokio::time::sleep(PAUSE).await;
    }
    promises
}

async fn one(session: &Session) -> Place {
    let number = session.run.numbers.next();
    let name = format!("Place N{number} end");
    let change = Change {
        method: Method::POST,
        path: "/api/admin/locations",
        body: json!({ "name": name }),
        event: Some("location:create"),
    };
    let (made, answer) = session.change(change).await;
    let mut place = Place {
        name,
        made,
        deleted: None,
    };
    let Some(id) = answer["location"]["uuid"]
        .as_str()
        .filter(|_| made == Fate::Acknowledged)
    else {
        return place;
    };
    let item = format!("/api/admin/locations/{id}");
    expect(session, &item, 200, "is made").await;
    found(session, &place.name, 1).await;
    // Some stay, so that there is something to be lost.
    if number.is_multiple_of(3) {
        return place;
    }
    let change = Change {
        method: Method::DELETE,
        path: &item,
        body: json!({}),
        event: Some("location:delete"),
    };
    let (deleted, _) = session.change(change).await;
    place.deleted = Some(deleted);
    if deleted == Fate::Acknowledged {
        expect(session, &item, 404, "is deleted").await;
        found(session, &place.name, 0).await;
    }
    place
}

async fn expect(session: &Session, path: &str, status: u16, because: &str) {
    let Some(answer) = session.read(path).await else {
        return;
    };
    if answer.status < 500 && answer.status != status {
        stale(
            session,
            format!("{path} answers {} although it {because}", answer.status),
        );
    }
}

/// What a search finds, and how many it says there are.
async fn found(session: &Session, name: &str, expected: u64) {
    let path = format!(
        "/api/admin/locations?page=1&per_page=10&search={}",
        name.replace(' ', "%20")
    );
    let Some(page) = session.get(&path).await else {
        return;
    };
    let entries = page["locations"]["data"].as_array().map_or(0, Vec::len);
    let total = page["locations"]["total"].as_u64();
    if entries as u64 != expected || total != Some(expected) {
        stale(
            session,
            format!("{path} shows {entries} and a total of {total:?}, {expected} is right"),
        );
    }
}

fn stale(session: &Session, what: String) {
    let at = session.run.history.seconds();
    session
        .run
        .history
        .found(Finding::StaleOwnRead, format!("{at:.1} s: {what}"));
}
