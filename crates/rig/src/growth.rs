//! How answers slow down as an installation grows: lists at several sizes, nothing cached, somebody else asking each time.

mod installation;
mod lists;

use std::path::Path;
use std::time::{Duration, Instant};

use panel_secrets::SessionToken;
use serde::Serialize;
use tokio_postgres::Client;

use self::installation::Installation;
use self::lists::{ALL, Ends, LISTS, LOG};
use crate::Outcome;

const FILL: &str = include_str!("growth/fill.sql");
const FILL_ACTIVITIES: &str = include_str!("growth/fill_activities.sql");
const WARM: &str = "CREATE EXTENSION IF NOT EXISTS pg_prewarm; \
    SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relpersistence = 'p'";

/// Entries of logs for each server.
const ACTIVITIES_EACH: i64 = 100;
/// Entries that are written in one go.
const CHUNK: i64 = 1_000_000;
/// At most as many people are signed in.
const PEOPLE: i64 = 2_000;
/// Entries on a page.
const PER_PAGE: i64 = 25;
/// The bound for the slowest of a hundred answers, at the last size.
const BOUND: Duration = Duration::from_millis(20);

/// How a size did.
#[derive(Debug, Serialize)]
pub struct Grown {
    /// Servers.
    servers: i64,
    /// Users.
    users: i64,
    /// Entries of all logs.
    activities: i64,
    /// What was asked, and how long it took.
    lists: Vec<Asked>,
}

/// How one kind of list did.
#[derive(Debug, Serialize)]
struct Asked {
    /// What was asked for.
    name: &'static str,
    /// How often.
    requests: usize,
    /// The time that half of the answers took at most.
    p50_ms: f64,
    /// The time that 99 of 100 answers took at most.
    p99_ms: f64,
    /// The `total` of the last answer, which is what counting in the database gives.
    total: i64,
}

/// All sizes, the largest last.
#[derive(Debug, Default, Serialize)]
pub struct Growth(Vec<Grown>);

impl Growth {
    /// The bounds that the largest size misses.
    #[must_use]
    pub fn missed(&self) -> Vec<String> {
        let slow = |asked: &&Asked| asked.p99_ms > BOUND.as_secs_f64() * 1e3;
        let largest = self.0.last().into_iter();
        largest
            .flat_map(|grown| {
                grown
                    .lists
                    .iter()
                    .filter(slow)
                    .map(move |asked| (grown, asked))
            })
            .map(|(grown, asked)| {
                format!(
                    "{} at {} servers: p99 {:.1} ms, wanted {} ms",
                    asked.name,
                    grown.servers,
                    asked.p99_ms,
                    BOUND.as_millis()
                )
            })
            .collect()
    }
}

/// Measures `server`, a `panel-server` built for release, at each of `sizes` (numbers of servers, rising), with `requests` requests
/// for each kind of list, one after the other. `tell` gets a line for each figure as it comes.
///
/// # Errors
/// The server does not start, answers with something else than 200, or says a wrong total.
pub async fn run(
    server: &Path,
    sizes: &[i64],
    requests: usize,
    tell: impl Fn(&str),
) -> Outcome<Growth> {
    let installation = Installation::create(server).await?;
    let client = installation.connect().await?;
    client
        .batch_execute("UPDATE setup SET account_created_at = now(), finished_at = now()")
        .await?;
    let mut growth = Growth::default();
    let mut old = 0;
    for &servers in sizes {
        let begun = Instant::now();
        let scale = Scale { old, servers };
        fill(&client, scale).await?;
        tell(&format!(
            "{servers} servers, {} users, {} entries of logs (written in {:.0} s)",
            scale.users(),
            scale.activities(),
            begun.elapsed().as_secs_f64()
        ));
        let people = sign_in(&client, scale).await?;
        let grown = measure(&installation, &client, scale, &people, requests, &tell).await?;
        growth.0.push(grown);
        old = servers;
    }
    Ok(growth)
}

/// How much there is, and how much there was.
#[derive(Debug, Clone, Copy)]
struct Scale {
    old: i64,
    servers: i64,
}

impl Scale {
    const fn activities(self) -> i64 {
        self.servers * ACTIVITIES_EACH
    }

    fn users(self) -> i64 {
        (self.servers / 5).max(20)
    }

    fn of(self, sql: &str) -> String {
        sql.replace("{old_servers}", &self.old.to_string())
            .replace("{servers}", &self.servers.to_string())
            .replace("{users}", &self.users().to_string())
            .replace("{nodes}", &(self.servers / 100).max(1).to_string())
            .replace("{all_activities}", &self.activities().to_string())
    }
}

/// Grows the database to a size. Indexes of the logs are made anew afterwards, which takes a fraction of the time.
async fn fill(client: &Client, scale: Scale) -> Outcome {
    client.batch_execute(&scale.of(FILL)).await?;
    let indexes = client
        .query(
            "SELECT indexname::text, indexdef FROM pg_indexes
             WHERE tablename = 'activities' AND indexname <> 'activities_pkey'",
            &[],
        )
        .await?;
    for index in &indexes {
        let name: String = index.get(0);
        client.batch_execute(&format!("DROP INDEX {name}")).await?;
    }
    let mut from = scale.old * ACTIVITIES_EACH;
    while from < scale.activities() {
        let to = (from + CHUNK).min(scale.activities());
        let sql = scale
            .of(FILL_ACTIVITIES)
            .replace("{old_activities}", &from.to_string())
            .replace("{activities}", &to.to_string());
        client
            .batch_execute(&format!(
                "SET session_replication_role = replica; {sql}; RESET session_replication_role"
            ))
            .await?;
        from = to;
    }
    for index in &indexes {
        client.batch_execute(index.get(1)).await?;
    }
    client.batch_execute("SELECT recount_rows()").await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    // The panel's queries are measured, not how fast the disk brings what nobody has asked for yet.
    client.batch_execute(WARM).await?;
    Ok(())
}

/// Somebody who is signed in.
struct Person {
    id: String,
    session: String,
    /// A server of theirs.
    server: Option<String>,
    admin: bool,
}

async fn sign_in(client: &Client, scale: Scale) -> Outcome<Vec<Person>> {
    let count = scale.users().min(PEOPLE);
    let tokens: Vec<SessionToken> = (0..count).map(|_| SessionToken::generate()).collect();
    let hashes: Vec<Vec<u8>> = tokens
        .iter()
        .map(|token| token.hash().as_bytes().to_vec())
        .collect();
    client.batch_execute("DELETE FROM sessions").await?;
    client
        .execute(
            "INSERT INTO sessions (id, user_id, secret_hash, ip, user_agent, last_used_at, created_at)
             SELECT gen_random_uuid(), u.id, s.hash, '127.0.0.1', 'rig', now(), now()
             FROM unnest($1::bytea[]) WITH ORDINALITY s (hash, n) JOIN rig.users u USING (n)",
            &[&hashes],
        )
        .await?;
    client.batch_execute("VACUUM ANALYZE sessions").await?;
    let rows = client
        .query(
            "SELECT u.id::text, (SELECT s.id::text FROM servers s WHERE s.owner_id = u.id LIMIT 1), a.admin
             FROM rig.users u JOIN users a USING (id) WHERE u.n <= $1 ORDER BY u.n",
            &[&count],
        )
        .await?;
    let people = rows.iter().zip(tokens).map(|(row, token)| Person {
        id: row.get(0),
        session: token.expose().to_owned(),
        server: row.get(1),
        admin: row.get(2),
    });
    Ok(people.collect())
}

async fn count(client: &Client, sql: &str) -> Outcome<i64> {
    Ok(client.query_one(sql, &[]).await?.get(0))
}

async fn measure(
    installation: &Installation,
    client: &Client,
    scale: Scale,
    people: &[Person],
    requests: usize,
    tell: &impl Fn(&str),
) -> Outcome<Grown> {
    let panel = installation.serve().await?;
    let pages = |rows: i64| ((rows + PER_PAGE - 1) / PER_PAGE).max(1);
    let ends = Ends {
        servers: pages(count(client, ALL).await?),
        log: pages(count(client, LOG).await?),
    };
    let mut lists = Vec::new();
    for list in LISTS {
        let askers: Vec<&Person> = people
            .iter()
            .filter(|person| person.admin == list.admin && person.server.is_some())
            .collect();
        installation.forget()?;
        let mut times = Vec::with_capacity(requests);
        let mut last = None;
        for (n, person) in (0..).zip(askers.iter().cycle().take(requests)) {
            let path = (list.path)(person, n, ends);
            let request = panel.get(&path, &person.session);
            let begun = Instant::now();
            let answer = request.send().await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            times.push(begun.elapsed());
            if status != 200 {
                let body = String::from_utf8_lossy(&body);
                return Err(format!("{path}: {status}: {body}").into());
            }
            last = Some((*person, n, body));
        }
        let (person, n, body) = last.ok_or("nobody may see the list")?;
        let total = total_of(&body).ok_or_else(|| format!("{} has no total", list.name))?;
        let expected = count(client, &list.expected(person, n)).await?;
        if total != expected {
            return Err(format!("{}: total {total}, counted {expected}", list.name).into());
        }
        times.sort_unstable();
        let asked = Asked {
            name: list.name,
            requests,
            p50_ms: quantile(&times, 50),
            p99_ms: quantile(&times, 99),
            total,
        };
        tell(&format!(
            "  {:<28} p50 {:7.2} ms  p99 {:7.2} ms  total {}",
            asked.name, asked.p50_ms, asked.p99_ms, asked.total
        ));
        lists.push(asked);
    }
    Ok(Grown {
        servers: scale.servers,
        users: scale.users(),
        activities: scale.activities(),
        lists,
    })
}

/// The `total` of the list that a body has, under whatever name.
fn total_of(body: &[u8]) -> Option<i64> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let lists = value.as_object()?.values();
    lists.filter_map(|list| list.get("total")?.as_i64()).next()
}

/// The time that this share (in percent) of the sorted times did not exceed, in milliseconds.
fn quantile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    let time = sorted.get(index).copied().unwrap_or_default();
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert!((quantile(&times, 50) - 100.0).abs() < 1e-9);
        assert!((quantile(&times, 99) - 198.0).abs() < 1e-9);
        assert!(quantile(&[], 99).abs() < 1e-9);
    }

    #[test]
    fn only_the_largest_size_is_judged() {
        let grown = |servers, p99_ms| Grown {
            servers,
            users: 0,
            activities: 0,
            lists: vec![Asked {
                name: "list",
                requests: 1,
                p50_ms: 1.0,
                p99_ms,
                total: 1,
            }],
        };
        assert_eq!(
            Growth(vec![grown(1, 99.0), grown(2, 19.0)]).missed(),
            [""; 0]
        );
        assert_eq!(
            Growth(vec![grown(1, 9.0), grown(2, 21.0)]).missed().len(),
            1
        );
    }

    #[test]
    fn a_total_is_found_under_any_name() {
        assert_eq!(total_of(br#"{"users":{"total":7,"data":[]}}"#), Some(7));
        assert_eq!(total_of(b"{}"), None);
    }
}
