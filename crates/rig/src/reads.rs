//! Do people see what they wrote, wherever they are sent and however far the replicas are behind?
//!
//! Writers change things and read them back through the balancer and in every region, by cookie and by key, while the replicas apply what
//! they receive seconds late, others have had the old values cached a moment before, and the Redis of every region is emptied in the middle.
//! Guests whose share of a server was ended ask every process whether it still lets them in.

mod actors;
mod revoked;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::Outcome;
use crate::client::Method;
use crate::topology::{Region, Topology};

use actors::{Actor, Echo, Pair};
pub use tally::Report;
use tally::Tally;

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How often something is written and read back.
    pub loops: u64,
    /// How late the replicas apply what they receive.
    pub lag: Duration,
    /// How many write at the same time, each with an account of its own.
    pub writers: usize,
}

const LOCATIONS: &str = "/api/admin/locations";

/// What is read back.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A changed object, by its id.
    Item,
    /// A list that something was added to.
    List,
    /// The number of objects in it.
    Total,
    /// What a search finds under a new name.
    Search,
    /// Who may use a server.
    Permission,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Item,
        Self::List,
        Self::Total,
        Self::Search,
        Self::Permission,
    ];
}

/// Runs the plan on a topology whose panels say where readings went (`APP_DEBUG`).
///
/// # Errors
/// The topology does not answer, or refuses what is asked of it.
pub async fn run(topology: Arc<Topology>, plan: Plan) -> Outcome<Report> {
    let pairs = actors::make(&topology, plan.writers).await?;
    for region in [Region::B, Region::C] {
        topology.set_replay_delay(region, plan.lag).await?;
    }
    let tally = Arc::new(Tally::default());
    let next = Arc::new(AtomicU64::new(0));
    let mut writers: tokio::task::JoinSet<Outcome> = tokio::task::JoinSet::new();
    for pair in pairs {
        let run = Writer {
            topology: Arc::clone(&topology),
            pair,
            tally: Arc::clone(&tally),
        };
        let (next, loops) = (Arc::clone(&next), plan.loops);
        writers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= loops {
                    return Ok(());
                }
                if number == loops / 2 {
                    run.topology.flush_redis().await?;
                }
                run.once(number).await?;
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    for region in [Region::B, Region::C] {
        topology.set_replay_delay(region, Duration::ZERO).await?;
    }
    Ok(tally.finish())
}

/// Somebody who writes, and somebody who looks on.
struct Writer {
    topology: Arc<Topology>,
    pair: Pair,
    tally: Arc<Tally>,
}

impl Writer {
    /// One loop: others look, something is written, its writer reads it back everywhere, others look again.
    async fn once(&self, number: u64) -> Outcome {
        let index = usize::try_from(number)?;
        let kind = Kind::ALL[index % Kind::ALL.len()];
        // Of another period than the kinds, so that each kind is read back in each way.
        let echo = Echo::ALL[index / Kind::ALL.len() % Echo::ALL.len()];
        let writer = self.pair.writer(echo);
        match kind {
            Kind::Item => self.item(writer, number).await?,
            Kind::List | Kind::Total | Kind::Search => self.list(writer, number, kind).await?,
            Kind::Permission => self.permission(writer).await?,
        }
        self.tally.loop_done();
        Ok(())
    }

    async fn item(&self, writer: &Actor, number: u64) -> Outcome {
        let path = format!("{LOCATIONS}/{}", self.pair.location);
        self.look(&path).await?;
        let name = format!("{} {number}", self.pair.name);
        let change = json!({ "name": name });
        writer.write(Method::PATCH, &path, Some(&change)).await?;
        self.read_back(writer, "item", &path, |body| {
            body["location"]["name"] == name.as_str()
        })
        .await?;
        self.look(&path).await
    }

    async fn list(&self, writer: &Actor, number: u64, kind: Kind) -> Outcome {
        let word = format!("{}x{number}x", self.pair.name);
        let all = format!("{LOCATIONS}?per_page=100&search={}x", self.pair.name);
        let found = format!("{LOCATIONS}?search={word}");
        self.look(&all).await?;
        let made = json!({ "name": format!("{word} grove") });
        let made = writer.write(Method::POST, LOCATIONS, Some(&made)).await?;
        let uuid = made["location"]["uuid"]
            .as_str()
            .ok_or("a location without id")?
            .to_owned();
        let has = |body: &Value| {
            let rows = body["locations"]["data"].as_array();
            rows.is_some_and(|rows| rows.iter().any(|row| row["uuid"] == uuid.as_str()))
        };
        match kind {
            Kind::Total => {
                self.read_back(writer, "total", &all, |body| {
                    body["locations"]["total"] == 1
                })
                .await?;
            }
            Kind::Search => {
                self.read_back(writer, "search", &found, |body| {
                    has(body) && body["locations"]["total"] == 1
                })
                .await?;
            }
            _ => self.read_back(writer, "list", &all, has).await?,
        }
        self.look(&all).await?;
        let path = format!("{LOCATIONS}/{uuid}");
        writer.write(Method::DELETE, &path, None).await?;
        self.read_back(writer, "total", &all, |body| {
            body["locations"]["total"] == 0
        })
        .await
    }

    /// A share of a server is given, seen by who gave it, and ended; the guest is out of every process a second later.
    async fn permission(&self, writer: &Actor) -> Outcome {
        let server = format!("/api/client/servers/{}", self.pair.server);
        let shares = format!("{server}/subusers");
        self.look(&server).await?;
        let invited = json!({
            "email": self.pair.guest.email, "permissions": ["control.console"], "ignored_files": [],
        });
        writer.write(Method::POST, &shares, Some(&invited)).await?;
        self.read_back(writer, "permission", &shares, |body| {
            body["subusers"]["data"].as_array().is_some_and(|rows| {
                rows.iter()
                    .any(|row| row["user"]["uuid"] == self.pair.guest.uuid.as_str())
            })
        })
        .await?;
        let share = format!("{shares}/{}", self.pair.guest.uuid);
        writer.write(Method::DELETE, &share, None).await?;
        let ended = tokio::time::Instant::now();
        self.read_back(writer, "permission", &shares, |body| {
            body["subusers"]["data"].as_array().is_some_and(|rows| {
                rows.iter()
                    .all(|row| row["user"]["uuid"] != self.pair.guest.uuid.as_str())
            })
        })
        .await?;
        self.look(&server).await?;
        revoked::check(&self.topology, &self.pair, ended, &self.tally).await
    }

    /// The writer reads through the balancer and in each region.
    async fn read_back(
        &self,
        writer: &Actor,
        what: &'static str,
        path: &str,
        is_own: impl Fn(&Value) -> bool,
    ) -> Outcome {
        let mut places = vec![self.topology.url()];
        places.extend(Region::ALL.map(|region| self.topology.region_url(region)));
        for place in places {
            let answer = writer.read(&place, path).await?;
            self.tally.own_read(what, &answer, is_own(&answer.body));
        }
        Ok(())
    }

    /// Somebody else reads through the balancer and in each region, and has it cached there: twice, as a page that is open asks again.
    async fn look(&self, path: &str) -> Outcome {
        for region in Region::ALL.into_iter().chain(Region::ALL) {
            let place = self.topology.region_url(region);
            let answer = self.pair.bystander.read(&place, path).await?;
            self.tally.bystander_read(region, &answer);
        }
        let answer = self.pair.bystander.read(&self.topology.url(), path).await?;
        self.tally.bystander_read_anywhere(&answer);
        Ok(())
    }
}
