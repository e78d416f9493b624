//! Where secrets are in clear: in no log ever, and in the caches only when the operator allows it.

use std::io;
use std::sync::{Mutex, Once, PoisonError};

use panel_domain::actor::ApiKeyScope;
use panel_testkit::{PASSWORD, TestApp};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

/// What no log may hold, and the lines that did.
static WATCH: Mutex<Watch> = Mutex::new(Watch {
    markers: Vec::new(),
    lines: Vec::new(),
});

struct Watch {
    markers: Vec<String>,
    lines: Vec<String>,
}

/// Reads all that this process logs, in all detail.
#[derive(Clone, Copy)]
struct Reader;

impl io::Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let mut watch = WATCH.lock().unwrap_or_else(PoisonError::into_inner);
        if watch.markers.iter().any(|marker| line.contains(marker)) {
            watch.lines.push(line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Reader {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

/// The lines with a marker that were logged, from now on.
fn watch_logs() {
    static READS: Once = Once::new();
    READS.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(Reader)
            .init();
    });
}

fn forbid(marker: &str) {
    let mut watch = WATCH.lock().unwrap();
    watch.markers.push(marker.to_owned());
}

fn logged(markers: &[String]) -> Vec<String> {
    let watch = WATCH.lock().unwrap();
    let has_one = |line: &&String| markers.iter().any(|marker| line.contains(marker));
    watch.lines.iter().filter(has_one).cloned().collect()
}

/// Every key that Redis holds, with its value.
async fn held_in_redis(app: &TestApp) -> Vec<(String, String)> {
    let client = redis::Client::open(app.redis().url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cursor = 0_u64;
    let mut held = Vec::new();
    loop {
        let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
            .arg(cursor)
            .query_async(&mut connection)
            .await
            .unwrap();
        for key in keys {
            // All there is is text; another type would be an error here.
            let value: Option<String> = redis::cmd("GET")
                .arg(&key)
                .query_async(&mut connection)
                .await
                .unwrap();
            held.push((key, value.unwrap_or_default()));
        }
        if next == 0 {
            return held;
        }
        cursor = next;
    }
}

fn holding<'a>(entries: &'a [(String, String)], marker: &str) -> Vec<&'a str> {
    entries
        .iter()
        .filter(|(key, value)| key.contains(marker) || value.contains(marker))
        .map(|(key, _)| key.as_str())
        .collect()
}

/// Lets every kind of secret be used: a password, a session, an API key, and a node's token in both directions.
async fn secrets_are_where_they_may_be(decryption_cache: bool) {
    watch_logs();
    let app = TestApp::builder()
        .decryption_cache(decryption_cache)
        .start()
        .await;
    let sim = app.sim().await;
    let admin = app.admin().await;
    let session = admin.cookie("roost_session").unwrap();
    let (_, key) =
        panel_testkit::factory::api_key(&app, admin.user_id(), ApiKeyScope::default()).await;
    let token = sim.node().token.secret().expose().clone();
    let never = [session, key.expose().to_owned(), PASSWORD.to_owned()];
    let markers: Vec<String> = never.iter().cloned().chain([token.clone()]).collect();
    for marker in &markers {
        forbid(marker);
    }

    let program = app.program(key.expose());
    let daemon = app.node_client(sim.node());
    let overview = format!("/api/admin/nodes/{}/system/overview", sim.node().id);
    for _ in 0..3 {
        program.get("/api/client/account").await;
        daemon
            .get("/api/remote/servers?page=0&per_page=50")
            .await
            .ok();
        admin.get(&overview).await.ok();
        let wrong = json!({ "user": "nobody", "password": PASSWORD });
        app.anonymous().post("/api/auth/login", wrong).await;
    }

    let local = app.service().cache().dump_local();
    let redis = held_in_redis(&app).await;
    assert!(!local.is_empty() && !redis.is_empty());
    for secret in &never {
        assert_eq!(holding(&local, secret), [""; 0]);
        assert_eq!(holding(&redis, secret), [""; 0]);
    }
    for (tier, entries) in [("local", &local), ("Redis", &redis)] {
        let found = holding(entries, &token);
        assert_eq!(!found.is_empty(), decryption_cache, "{tier}: {found:?}");
    }
    assert_eq!(logged(&markers), [""; 0]);
}

#[tokio::test]
async fn without_leave_nothing_decrypted_is_cached() {
    secrets_are_where_they_may_be(false).await;
}

#[tokio::test]
async fn with_leave_decrypted_secrets_are_cached_and_never_logged() {
    secrets_are_where_they_may_be(true).await;
}

#[tokio::test]
async fn a_new_token_ends_the_old_one_at_once_also_where_it_is_cached() {
    let app = TestApp::builder().decryption_cache(true).start().await;
    let peer = app.peer().await;
    let node = panel_testkit::factory::node(&app).await;
    let daemon = app.node_client(&node);
    let servers = "/api/remote/servers?page=0&per_page=50";
    daemon.get(servers).await.ok();
    daemon.at(peer.url()).get(servers).await.ok();
    let path = format!("/api/admin/nodes/{}/reset-token", node.id);
    app.admin().await.post(&path, json!({})).await.ok();
    daemon.get(servers).await.expect_status(401);
    panel_testkit::eventually("the other process refuses it", async || {
        daemon.at(peer.url()).get(servers).await.status == 401
    })
    .await;
}
