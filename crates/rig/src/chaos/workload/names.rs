//! Values that are written again and again, and read by whoever wrote them: the own profile and the own server's name, by cookie through
//! the balancer of all regions and by API key through that of one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::{Fate, Finding};
use crate::chaos::session::{Change, Session};
use crate::client::Method;
use crate::topology::Region;

use super::Promises;

const PAUSE: Duration = Duration::from_millis(150);

/// A value and how far it must have come.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) what: Target,
    /// Of the user, or of the server.
    pub(crate) id: String,
    pub(crate) acknowledged: u64,
    pub(crate) attempted: u64,
}

/// Which value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Profile,
    Server,
}

/// The profile of every second user by cookie and that of the others by key, and the same with their servers.
pub(super) async fn start(run: &Arc<Run>, actors: &mut JoinSet<Promises>) -> Outcome {
    let world = run.topology.world();
    for (index, user) in world.users.iter().enumerate().take(run.writers) {
        let by_key = index % 2 == 1;
        let client = run.topology.client()?;
        let (client, who) = if by_key {
            let region = Region::ALL[index % Region::ALL.len()];
            let client = client.at(&run.topology.region_url(region));
            let who = format!("{} by key in region {region}", user.username);
            (client.with_key(&user.api_key), who)
        } else {
            client.sign_in(&user.username, &user.password).await?;
            (client, format!("{} by cookie", user.username))
        };
        let session = Session::new(run, client, &user.uuid, who);
        actors.spawn(profile(session.clone(), user.uuid.clone()));
        if let Some(server) = world.servers.get(index) {
            actors.spawn(server_name(session, server.uuid.clone()));
        }
    }
    Ok(())
}

async fn profile(session: Session, user: String) -> Promises {
    let mut name = Name::new(Target::Profile, user);
    while !session.run.is_over() {
        let written = name
            .write(
                &session,
                Method::PATCH,
                "/api/client/account",
                "name_first",
                "user:account.update",
            )
            .await;
        if written {
            let path = "/api/client/account";
            let seen = session.get(path).await;
            name.compare(
                &session,
                path,
                seen.as_ref().map(|seen| &seen["user"]["name_first"]),
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
    name.promise()
}

async fn server_name(session: Session, server: String) -> Promises {
    let mut name = Name::new(Target::Server, server.clone());
    let item = format!("/api/client/servers/{server}");
    let rename = format!("{item}/settings/rename");
    while !session.run.is_over() {
        let written = name
            .write(
                &session,
                Method::POST,
                &rename,
                "name",
                "server:settings.rename",
            )
            .await;
        if written {
            let seen = session.get(&item).await;
            name.compare(
                &session,
                &item,
                seen.as_ref().map(|seen| &seen["server"]["name"]),
            );
            let list = "/api/client/servers?page=1&per_page=50";
            let search = format!(
                "/api/client/servers?page=1&per_page=50&search=N{}",
                name.acknowledged
            );
            for path in [list, &search] {
                let seen = session.get(path).await;
                // A list that was answered and does not have it shows it as it never was.
                let entry = seen.as_ref().map(|seen| {
                    let entries = seen["servers"]["data"].as_array().into_iter().flatten();
                    entries
                        .filter(|entry| entry["uuid"] == server.as_str())
                        .map(|entry| &entry["name"])
                        .next()
                        .unwrap_or(&Value::Null)
                });
                name.compare(&session, path, entry);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    name.promise()
}

impl Name {
    fn new(what: Target, id: String) -> Self {
        Self {
            what,
            id,
            acknowledged: 0,
            attempted: 0,
        }
    }

    fn promise(self) -> Promises {
        Promises {
            names: vec![self],
            ..Promises::default()
        }
    }

    /// Writes the next value; true when that was acknowledged.
    async fn write(
        &mut self,
        session: &Session,
        method: Method,
        path: &str,
        field: &str,
        event: &str,
    ) -> bool {
        self.attempted = session.run.numbers.next();
        let change = Change {
            method,
            path,
            body: json!({ field: format!("N{}", self.attempted) }),
            event: Some(event),
        };
        let (fate, _) = session.change(change).await;
        if fate == Fate::Acknowledged {
            self.acknowledged = self.attempted;
        }
        fate == Fate::Acknowledged
    }

    /// What the writer reads after his write must not be older than that. No answer is no answer.
    fn compare(&self, session: &Session, path: &str, seen: Option<&Value>) {
        let Some(seen) = seen else { return };
        if number(seen) < Some(self.acknowledged) {
            let path = path.split('?').next().unwrap_or(path);
            session.run.history.found(
                Finding::StaleOwnRead,
                format!(
                    "{:.1} s: {path} shows {} {seen} after N{} was acknowledged",
                    session.run.history.seconds(),
                    session.who,
                    self.acknowledged
                ),
            );
        }
    }
}

/// The number in a value that an actor wrote.
pub(crate) fn number(value: &Value) -> Option<u64> {
    value.as_str()?.strip_prefix('N')?.parse().ok()
}
