//! Lists of a large installation: they are right, and no query of theirs reads a table from end to end.

mod asked;
mod totals;

use std::collections::BTreeMap;

use panel_storage::activities::{self, Log};
use panel_storage::servers::{self, Scope, ServerFilter};
use panel_storage::users::{self, UserFilter};
use panel_storage::{Freshness, stats};
use panel_test_db::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use self::asked::{ASKED, Known, SEARCHES_AT_THE_END};
use crate::support::{eventually, open};

/// What the bench measures with, in smaller numbers.
const FILL: &str = include_str!("../../../rig/src/growth/fill.sql");
const FILL_ACTIVITIES: &str = include_str!("../../../rig/src/growth/fill_activities.sql");

const SERVERS: i64 = 10_000;
const USERS: i64 = 5_000;
const ACTIVITIES: i64 = 200_000;

/// The tables that grow; the others fit on a few pages.
const LARGE: [&str; 9] = [
    "activities",
    "allocations",
    "api_keys",
    "server_allocations",
    "server_variables",
    "servers",
    "sessions",
    "subusers",
    "users",
];

struct Filled {
    database: TestDatabase,
    client: Client,
}

impl Filled {
    async fn new() -> Self {
        let database = TestDatabase::migrated().await;
        let client = database.connect().await;
        let at_size = |sql: &str| {
            sql.replace("{old_servers}", "0")
                .replace("{servers}", &SERVERS.to_string())
                .replace("{users}", &USERS.to_string())
                .replace("{nodes}", "100")
                .replace("{old_activities}", "0")
                .replace("{activities}", &ACTIVITIES.to_string())
                .replace("{all_activities}", &ACTIVITIES.to_string())
        };
        client.batch_execute(&at_size(FILL)).await.unwrap();
        client
            .batch_execute(&format!(
                "SET session_replication_role = replica; {}; RESET session_replication_role;
                 SELECT recount_rows();
                 INSERT INTO sessions (id, user_id, secret_hash, ip, user_agent, last_used_at, created_at)
                     SELECT gen_random_uuid(), id, decode(md5(id::text), 'hex'), '192.0.2.1', 'browser', now(), now() FROM users;
                 INSERT INTO api_keys (id, user_id, name, key_start, secret_hash, created_at)
                     SELECT gen_random_uuid(), id, 'key', 'roost_0123456789', decode(md5(id::text), 'hex'), now() FROM users;
                 UPDATE servers SET deleting_at = now() WHERE id IN (SELECT rig.id('server', n * 500) FROM generate_series(1, 4) n)",
                at_size(FILL_ACTIVITIES)
            ))
            .await
            .unwrap();
        client.batch_execute("VACUUM ANALYZE").await.unwrap();
        Self { database, client }
    }

    async fn id(&self, kind: &str, n: i64) -> Uuid {
        let row = self
            .client
            .query_one("SELECT rig.id($1, $2)::text", &[&kind, &n])
            .await;
        row.unwrap().get::<_, String>(0).parse().unwrap()
    }

    async fn known(&self) -> Known {
        Known {
            user: self.id("user", 3).await.into(),
            server: self.id("server", 1).await.into(),
            node: self.id("node", 7).await.into(),
            egg: self.id("egg", 7).await.into(),
            role: self.id("role", 2).await.into(),
        }
    }

    async fn ids(&self, sql: &str) -> Vec<Uuid> {
        let rows = self.client.query(sql, &[]).await.unwrap();
        rows.iter()
            .map(|row| row.get::<_, String>(0).parse().unwrap())
            .collect()
    }
}

/// Pages at the ends, in the middle, across a day's end, and past the list.
fn pages(total: usize) -> Vec<(usize, usize)> {
    let mut pages = vec![
        (0, 25),
        (total.saturating_sub(7), 25),
        (total, 25),
        (total + 99, 5),
    ];
    for part in 1..8 {
        pages.push((total * part / 8, 100));
    }
    pages
}

fn part(all: &[Uuid], offset: usize, limit: usize) -> &[Uuid] {
    let from = offset.min(all.len());
    &all[from..(from + limit).min(all.len())]
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}

#[tokio::test]
async fn each_page_of_a_long_list_is_the_one_that_counting_through_finds() {
    let filled = Filled::new().await;
    let db = open(&filled.database);
    let mut conn = db.read(Freshness::Any).await.unwrap();
    let admin = filled.id("user", 2).await;
    let user = filled
        .ids("SELECT owner_id::text FROM servers WHERE id = rig.id('server', 7)")
        .await[0];

    let mine = |user: Uuid| {
        format!(
            "deleting_at IS NULL AND (owner_id = '{user}' OR EXISTS \
             (SELECT FROM subusers WHERE server_id = servers.id AND user_id = '{user}'))"
        )
    };
    let lists: [(Scope, Option<&str>, String); 9] = [
        (Scope::All, None, "true".to_owned()),
        (
            Scope::All,
            Some("castle"),
            "name ILIKE '%castle%'".to_owned(),
        ),
        (
            Scope::All,
            Some("9E37"),
            "name ILIKE '%9e37%' OR id::text LIKE '9e37%'".to_owned(),
        ),
        (
            Scope::All,
            Some("1234"),
            "name ILIKE '%1234%' OR id::text LIKE '1234%'".to_owned(),
        ),
        (Scope::User(admin.into()), None, mine(admin)),
        (Scope::User(user.into()), None, mine(user)),
        (
            Scope::User(admin.into()),
            Some("castle"),
            format!("name ILIKE '%castle%' AND {}", mine(admin)),
        ),
        (
            Scope::Others(admin.into()),
            None,
            format!("deleting_at IS NULL AND NOT ({})", mine(admin)),
        ),
        (
            Scope::Others(user.into()),
            Some("castle"),
            format!(
                "name ILIKE '%castle%' AND deleting_at IS NULL AND NOT ({})",
                mine(user)
            ),
        ),
    ];
    for (scope, search, condition) in lists {
        let all = filled
            .ids(&format!(
                "SELECT id::text FROM servers WHERE {condition} ORDER BY created_at, servers.id"
            ))
            .await;
        assert!(!all.is_empty(), "{scope:?} {search:?}");
        let filter = ServerFilter {
            search: search.map(str::to_owned),
            ..ServerFilter::default()
        };
        for (offset, limit) in pages(all.len()) {
            let (found, total) =
                servers::list_details(&mut conn, scope, &filter, number(offset), number(limit))
                    .await
                    .unwrap();
            let found: Vec<Uuid> = found.iter().map(|row| row.server.id.uuid()).collect();
            assert_eq!(total, number(all.len()), "{scope:?} {search:?}");
            assert_eq!(
                found,
                part(&all, offset, limit),
                "{scope:?} {search:?} {offset}"
            );
        }
    }

    let all = filled
        .ids("SELECT id::text FROM users ORDER BY created_at, users.id")
        .await;
    for (offset, limit) in pages(all.len()) {
        let filter = UserFilter::default();
        let (found, total) = users::list(&mut conn, &filter, number(offset), number(limit))
            .await
            .unwrap();
        let found: Vec<Uuid> = found.iter().map(|user| user.id.uuid()).collect();
        assert_eq!(
            (total, &found[..]),
            (number(all.len()), part(&all, offset, limit))
        );
    }

    let server = filled.id("server", 1).await;
    let first = filled.id("user", 1).await;
    let logs: [(Log, Option<&str>, String); 8] = [
        (Log::Admin, None, "scope = 'admin'".to_owned()),
        (
            Log::Admin,
            Some("USER:"),
            "scope = 'admin' AND event ILIKE '%user:%'".to_owned(),
        ),
        (Log::Admin, Some("nothing"), "false".to_owned()),
        (
            Log::AdminBy(first.into()),
            Some("server"),
            format!("scope = 'admin' AND user_id = '{first}' AND event ILIKE '%server%'"),
        ),
        (
            Log::Server(server.into()),
            None,
            format!("server_id = '{server}'"),
        ),
        (
            Log::Server(server.into()),
            Some("power"),
            format!("server_id = '{server}' AND event ILIKE '%power%'"),
        ),
        (
            Log::User(admin.into()),
            None,
            format!("scope = 'user' AND user_id = '{admin}'"),
        ),
        (
            Log::ServerBy(server.into(), admin.into()),
            None,
            format!("server_id = '{server}' AND user_id = '{admin}'"),
        ),
    ];
    for (log, search, condition) in logs {
        let all = filled
            .ids(&format!(
                "SELECT id::text FROM activities WHERE {condition} ORDER BY created_at DESC, activities.id DESC"
            ))
            .await;
        for (offset, limit) in pages(all.len()) {
            let (found, total) =
                activities::list(&mut conn, log, search, number(offset), number(limit))
                    .await
                    .unwrap();
            let found: Vec<Uuid> = found.iter().map(|entry| entry.id.uuid()).collect();
            assert_eq!(total, number(all.len()), "{log:?} {search:?}");
            assert_eq!(
                found,
                part(&all, offset, limit),
                "{log:?} {search:?} {offset}"
            );
        }
    }
    let counts = stats::counts(&mut conn).await.unwrap();
    assert_eq!((counts.servers, counts.users), (SERVERS, USERS));
    assert_eq!(users::count(&mut conn).await.unwrap(), USERS);
}

/// How often each large table was read from end to end, by connections that are closed.
async fn full_reads(client: &Client) -> BTreeMap<String, i64> {
    // What a connection did is known when it has ended.
    eventually("the panel's connections end", async || {
        let others = "SELECT count(*) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        client.query_one(others, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    let counted = "SELECT relname::text, seq_scan FROM pg_stat_user_tables WHERE relname = ANY($1)";
    let rows = client.query(counted, &[&&LARGE[..]]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn no_list_reads_a_large_table_from_end_to_end() {
    let filled = Filled::new().await;
    let known = filled.known().await;
    let mut before = full_reads(&filled.client).await;
    assert_eq!(before.len(), LARGE.len());
    let mut found = Vec::new();
    for (name, ask) in ASKED {
        let db = open(&filled.database);
        let mut conn = db.read(Freshness::Any).await.unwrap();
        // More often than a statement is planned for its values alone.
        for _ in 0..7 {
            ask(&mut conn, &known).await.unwrap();
        }
        drop((conn, db));
        let after = full_reads(&filled.client).await;
        let read: Vec<&String> = after
            .iter()
            .filter(|(table, times)| before.get(*table) != Some(times))
            .map(|(table, _)| table)
            .collect();
        if !read.is_empty() {
            found.push(format!("{name}: {read:?}"));
        }
        before = after;
    }
    assert_eq!(found, [""; 0]);
}

/// Rows of a table that connections which are closed have looked at.
async fn rows_read(client: &Client, table: &str) -> i64 {
    full_reads(client).await;
    let counted = "SELECT (seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_user_tables \
                   WHERE schemaname = 'public' AND relname = $1";
    client.query_one(counted, &[&table]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_search_whose_finds_are_at_the_end_reads_no_more_than_what_it_finds() {
    let mut filled = Filled::new().await;
    let known = filled.known().await;
    // So many that the planner would look for a page of them in order, as nothing tells it that they are the youngest.
    let rename = "UPDATE servers SET name = 'warden ' || name WHERE id IN \
                      (SELECT id FROM servers ORDER BY created_at DESC, id DESC LIMIT 1000); \
                  UPDATE users SET username = replace(username, 'player', 'warden') WHERE id IN \
                      (SELECT id FROM users ORDER BY created_at DESC, id DESC LIMIT 40); \
                  VACUUM ANALYZE servers; VACUUM ANALYZE users";
    for step in rename.split("; ") {
        filled.client.batch_execute(step).await.unwrap();
    }
    // An open connection tells up to a second late what it has read, which would be taken for the search's.
    filled.client = filled.database.connect().await;
    for (table, ask) in SEARCHES_AT_THE_END {
        let before = rows_read(&filled.client, table).await;
        let db = open(&filled.database);
        let mut conn = db.read(Freshness::Any).await.unwrap();
        ask(&mut conn, &known).await.unwrap();
        drop((conn, db));
        let read = rows_read(&filled.client, table).await - before;
        // Each once for the total and once for the page.
        let found = if table == "servers" { 1000 } else { 40 };
        assert!((1..found * 5 / 2).contains(&read), "{table}: {read} rows");
    }
}

#[tokio::test]
async fn whoever_deletes_a_row_finds_what_refers_to_it_by_an_index() {
    let database = TestDatabase::migrated().await;
    let client = database.connect().await;
    // An index helps when it begins with a column of the key, and is whole or leaves out nothing but missing values.
    let rows = client
        .query(
            "SELECT c.conname::text FROM pg_constraint c WHERE c.contype = 'f' AND NOT EXISTS ( \
                 SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = ANY (c.conkey) \
                 AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$')) ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    let missing: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(missing, [""; 0]);
}
