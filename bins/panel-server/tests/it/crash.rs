//! a server is killed in the middle of a change, and the client sends it again to another one.

use std::time::{Duration, Instant};

use panel_domain::actor::ApiKeyScope;
use panel_testkit::{Answer, Client, ENCRYPTION_KEY, Method, Request, TestApp, factory};
use serde_json::{Value, json};
use wings_sim::Effect;

use crate::process::{Running, free_port};

/// A server beside `app` that stops at this place for good.
fn server(app: &TestApp, failpoint: &str) -> (Running, url::Url) {
    let (port, ops) = (free_port().to_string(), free_port().to_string());
    let environment = [
        ("DATABASE_URL", app.database().url()),
        ("REDIS_URL", app.redis().url()),
        ("APP_ENCRYPTION_KEY", ENCRYPTION_KEY),
        ("APP_URL", app.url().as_str()),
        ("BIND", "127.0.0.1"),
        ("PORT", &port),
        ("APP_OPS_PORT", &ops),
        ("ROOST_FAILPOINT", failpoint),
    ];
    let server = Running::start(&environment, &["serve"], "Answering requests");
    let url = format!("http://127.0.0.1:{port}").parse().unwrap();
    (server, url)
}

fn request(client: &Client, path: &str, body: &Value) -> Request {
    let request = client.request(Method::POST, path);
    request.header("idempotency-key", "the-one").json(body)
}

/// Sends a change to a server that dies at `failpoint`, then to another one until it is answered.
async fn killed_at(failpoint: &str, app: &TestApp, path: &str, body: &Value) -> Answer {
    let program = app.api_key(&app.admin().await, ApiKeyScope::ALL).await;
    let (mut first, url) = server(app, failpoint);
    let unanswered = tokio::spawn(request(&program.at(&url), path, body).try_send());
    tokio::task::block_in_place(|| {
        first.until("Stopped at a failpoint");
        first.kill();
    });
    assert!(
        unanswered.await.unwrap().is_none(),
        "nobody can have answered"
    );
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = request(&program, path, body).send().await;
        if answer.code() != Some("idempotency_key_in_use") {
            let again = request(&program, path, body).send().await;
            assert_eq!(again.status, answer.status);
            if answer.is_success() {
                assert_eq!(again.body, answer.body);
            }
            return answer;
        }
        assert!(Instant::now() < deadline, "{}", answer.describe());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn order(app: &TestApp) -> Value {
    let owner = app.user("owner").await;
    let node = factory::node(app).await;
    let egg = factory::egg(app).await;
    factory::server_order(&node, &owner, &egg)
}

/// The servers there are, and how many installations were asked for.
async fn made(app: &TestApp) -> (Vec<String>, i64) {
    let database = app.database().connect().await;
    let servers = database
        .query("SELECT id::text FROM servers", &[])
        .await
        .unwrap();
    let jobs = database
        .query_one(
            "SELECT count(*) FROM jobs WHERE name = 'install_server'",
            &[],
        )
        .await
        .unwrap();
    (servers.iter().map(|row| row.get(0)).collect(), jobs.get(0))
}

async fn a_server_is_made_once(failpoint: &str) {
    let app = TestApp::builder().system_clock().start().await;
    let answer = killed_at(failpoint, &app, "/api/admin/servers", &order(&app).await).await;
    let id = answer.ok()["server"]["uuid"].as_str().unwrap().to_owned();
    assert_eq!(made(&app).await, (vec![id], 1), "killed at {failpoint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_commit() {
    a_server_is_made_once("write.committing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_commit_before_the_answer() {
    a_server_is_made_once("write.committed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_a_call_that_must_not_be_repeated() {
    let app = TestApp::builder().system_clock().start().await;
    let sim = app.sim().await;
    let owner = app.user("owner").await;
    let server = factory::server_on(&app, owner.user_id(), sim.node(), sim.allocations()[0]).await;
    sim.restart().await.unwrap();
    let path = format!("/api/client/servers/{}/power", server.id);
    let start = json!({ "action": "start" });
    // Committed is that the node is about to be called; whether it was, only the dead process knew.
    killed_at("write.committed", &app, &path, &start)
        .await
        .expect_error(409, "idempotency_outcome_unknown");
    let ledger = sim.ledger();
    assert!(
        ledger
            .iter()
            .all(|entry| entry.effect != Effect::PowerStart)
    );
}
