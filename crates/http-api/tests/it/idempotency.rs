//! The same change sent more than once. That every operation can be sent again is tried out by the matrix of
//! [`authorization`](crate::authorization).

use chrono::TimeDelta;
use futures_util::future::join_all;
use panel_domain::actor::ApiKeyScope;
use panel_http_api::openapi::{self, Audience};
use panel_testkit::factory::{self, Egg, Node};
use panel_testkit::{Answer, Client, Method, PASSWORD, Sim, TestApp};
use serde_json::{Value, json};
use wings_sim::{Effect, Fault};

use crate::servers::admin::order;

const SERVERS: &str = "/api/admin/servers";

struct Shop {
    app: TestApp,
    node: Node,
    admin: Client,
    egg: Egg,
}

impl Shop {
    async fn open() -> Self {
        let app = TestApp::start().await;
        Self {
            node: factory::node(&app).await,
            admin: app.admin().await,
            egg: factory::egg(&app).await,
            app,
        }
    }

    fn order(&self) -> Value {
        order(&self.node, &self.admin, &self.egg)
    }

    async fn servers(&self) -> i64 {
        count(&self.app, "servers").await
    }
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let rows = app.database().connect().await;
    let sql = format!("SELECT count(*) FROM {table}");
    rows.query_one(&sql, &[]).await.unwrap().get(0)
}

async fn send(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, path);
    request
        .header("idempotency-key", key)
        .json(body)
        .send()
        .await
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_have_one_effect() {
    let shop = Shop::open().await;
    let peer = shop.app.peer().await;
    let elsewhere = shop.admin.at(peer.url());
    let body = shop.order();
    let all = (0..100).map(|number| {
        let client = if number % 2 == 0 {
            &shop.admin
        } else {
            &elsewhere
        };
        send(client, SERVERS, "one-and-only", &body)
    });
    let mut made = Vec::new();
    for answer in join_all(all).await {
        if answer.status == 409 {
            let answer = answer.expect_error(409, "idempotency_key_in_use");
            assert_eq!(answer.header("retry-after"), Some("1"));
        } else {
            made.push(answer.ok()["server"]["uuid"].clone());
        }
    }
    assert_eq!(shop.servers().await, 1);
    let again = send(&elsewhere, SERVERS, "one-and-only", &body).await;
    assert!(is_replay(&again), "{}", again.describe());
    made.push(again.ok()["server"]["uuid"].clone());
    made.dedup();
    assert_eq!(made.len(), 1, "{made:?}");
}

#[tokio::test]
async fn another_attempt_is_answered_as_the_first() {
    let shop = Shop::open().await;
    let first = send(&shop.admin, SERVERS, "k", &shop.order()).await;
    assert!(!is_replay(&first));
    let again = send(&shop.admin, SERVERS, "k", &shop.order()).await;
    assert!(is_replay(&again));
    assert_eq!(again.status, first.status);
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert!(
        again.header("x-consistency-token").is_some(),
        "whoever is told of it must see it"
    );
    assert_eq!(shop.servers().await, 1);
    let jobs = count(&shop.app, "jobs WHERE name = 'install_server'").await;
    assert_eq!(jobs, 1);
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let shop = Shop::open().await;
    send(&shop.admin, SERVERS, "k", &shop.order()).await.ok();
    let mut other = shop.order();
    other["name"] = json!("Creative");
    send(&shop.admin, SERVERS, "k", &other)
        .await
        .expect_error(422, "idempotency_key_reused");
    assert_eq!(shop.servers().await, 1);
    // Somebody else's key of the same name is another key, and so is the same key of another operation.
    let colleague = shop.app.admin().await;
    send(&colleague, SERVERS, "k", &other).await.ok();
    let location = json!({ "name": "Frankfurt" });
    send(&shop.admin, "/api/admin/locations", "k", &location)
        .await
        .ok();
    assert_eq!(shop.servers().await, 2);
    // It belongs to the person, whichever credential they show.
    let program = shop.app.api_key(&shop.admin, ApiKeyScope::ALL).await;
    let again = send(&program, SERVERS, "k", &shop.order()).await;
    assert!(is_replay(&again), "{}", again.describe());
}

#[tokio::test]
async fn after_a_day_the_key_is_forgotten() {
    let shop = Shop::open().await;
    let first = send(&shop.admin, SERVERS, "k", &shop.order()).await.ok();
    shop.app.clock().advance(TimeDelta::hours(23));
    let again = send(&shop.admin, SERVERS, "k", &shop.order()).await.ok();
    assert_eq!(again, first);
    shop.app.clock().advance(TimeDelta::hours(2));
    let anew = send(&shop.admin, SERVERS, "k", &shop.order()).await.ok();
    assert_ne!(anew["server"]["uuid"], first["server"]["uuid"]);
    shop.app.clock().advance(TimeDelta::hours(25));
    panel_service::operations::delete_old_records(&shop.app.service().system())
        .await
        .unwrap();
    assert_eq!(count(&shop.app, "idempotency_keys").await, 0);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let shop = Shop::open().await;
    let mut wrong = shop.order();
    wrong["owner_uuid"] = json!(shop.node.id);
    send(&shop.admin, SERVERS, "k", &wrong)
        .await
        .expect_error(400, "invalid_input");
    assert_eq!(count(&shop.app, "idempotency_keys").await, 0);
    send(&shop.admin, SERVERS, "k", &shop.order()).await.ok();
}

#[tokio::test]
async fn what_a_refusal_writes_stays() {
    let app = TestApp::start().await;
    factory::user(&app, "target").await;
    let failures = async || count(&app, "users WHERE failed_sign_ins > 0").await;
    assert_eq!(failures().await, 0);
    let guess = json!({ "user": "target", "password": "a guess" });
    send(&app.anonymous(), "/api/auth/login", "k", &guess)
        .await
        .expect_error(400, "invalid_input");
    assert_eq!(failures().await, 1, "a key must not make guessing free");
}

#[tokio::test]
async fn a_sign_in_can_be_sent_again() {
    let app = TestApp::start().await;
    factory::user(&app, "somebody").await;
    let body = json!({ "user": "somebody", "password": PASSWORD });
    let browser = app.anonymous();
    let login = "/api/auth/login";
    let first = send(&browser, login, "k", &body).await;
    assert!(first.header("x-consistency-token").is_some());
    first.ok();
    let session = browser.cookie("roost_session").unwrap();
    browser.set_cookie("roost_session", "lost");
    send(&browser, login, "k", &body).await.ok();
    assert_eq!(browser.cookie("roost_session"), Some(session));
    browser.get("/api/client/account").await.ok();
    assert_eq!(count(&app, "sessions").await, 1);
    // Nobody is signed in by a stranger's key.
    let stranger = app.anonymous();
    assert!(!is_replay(&send(&stranger, login, "k", &body).await));
}

#[tokio::test]
async fn answers_are_kept_sealed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({
        "name": "Deploy", "allowed_ips": [], "user_permissions": [], "admin_permissions": [],
        "server_permissions": ["control.read-console"], "expires": null,
    });
    let path = "/api/client/account/api-keys";
    let first = send(&admin, path, "k", &body).await.ok();
    let secret = first["key"].as_str().unwrap().to_owned();
    let row = app
        .database()
        .connect()
        .await
        .query_one(
            "SELECT encode(request || answer, 'escape') FROM idempotency_keys",
            &[],
        )
        .await
        .unwrap();
    let stored: String = row.get(0);
    assert!(
        !stored.contains(&secret) && !stored.contains("Deploy"),
        "{stored}"
    );
    assert_eq!(send(&admin, path, "k", &body).await.ok()["key"], secret);
}

#[tokio::test]
async fn a_key_is_one_header_of_visible_characters() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({ "name": "Oslo" });
    for key in ["", "two words", &"x".repeat(256), "schl\u{fc}ssel"] {
        send(&admin, "/api/admin/locations", key, &body)
            .await
            .expect_error(400, "invalid_input")
            .expect_fields(&["Idempotency-Key"]);
    }
    send(&admin, "/api/admin/locations", &"x".repeat(255), &body)
        .await
        .ok();
    // What changes nothing has no use for a key, not even for a wrong one.
    let get = admin.request(Method::GET, "/api/admin/locations");
    get.header("idempotency-key", "two words").send().await.ok();
}

#[tokio::test]
async fn a_key_costs_one_round_trip_and_its_absence_none() {
    let shop = Shop::open().await;
    let program = shop.app.api_key(&shop.admin, ApiKeyScope::ALL).await;
    let counted = async |key: Option<&str>, name: &str| {
        let body = json!({ "name": name, "description": null });
        let before = shop.app.db().round_trips();
        let mut request = program.request(Method::POST, "/api/admin/locations");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.json(body).send().await.ok();
        let after = shop.app.db().round_trips();
        (after.primary + after.prepared) - (before.primary + before.prepared)
    };
    // The first ones prepare statements.
    for warm_up in 0..10 {
        counted(Some(&format!("k{warm_up}")), &format!("Warm {warm_up}")).await;
    }
    let mut costs = Vec::new();
    for name in 0..5 {
        let with = counted(Some(&format!("key-{name}")), &format!("With {name}")).await;
        let without = counted(None, &format!("Without {name}")).await;
        costs.push((with, without));
    }
    // The log of invalidations is polled meanwhile, so that a single measurement may be too high.
    let with = costs.iter().map(|(with, _)| *with).min().unwrap();
    let without = costs.iter().map(|(_, without)| *without).min().unwrap();
    assert_eq!(with, without + 1, "{costs:?}");
}

#[tokio::test]
async fn a_power_action_whose_end_is_unknown_is_not_repeated() {
    let app = TestApp::start().await;
    let sim: Sim = app.sim().await;
    let owner = app.user("owner").await;
    let allocation = sim.allocations()[0];
    let server = factory::server_on(&app, owner.user_id(), sim.node(), allocation).await;
    sim.restart().await.unwrap();
    let path = format!("/api/client/servers/{}/power", server.id);
    let start = json!({ "action": "start" });
    let starts = || {
        let ledger = sim.ledger();
        let starts = ledger
            .iter()
            .filter(|entry| entry.effect == Effect::PowerStart);
        starts.count()
    };
    sim.fail_next_of("POST", "/power", Fault::AfterEffectDrop);
    send(&owner, &path, "k", &start)
        .await
        .expect_error(503, "node_unreachable");
    send(&owner, &path, "k", &start)
        .await
        .expect_error(409, "idempotency_outcome_unknown");
    assert_eq!(starts(), 1);
    // What surely did not happen may be tried again.
    let kill = json!({ "action": "kill" });
    sim.fail_next_of("POST", "/power", Fault::Status(409));
    send(&owner, &path, "other", &kill)
        .await
        .expect_error(502, "node_refused");
    send(&owner, &path, "other", &kill).await.ok();
    assert!(is_replay(&send(&owner, &path, "other", &kill).await));
}

#[test]
fn the_document_names_the_header_where_something_changes() {
    let mut changing = 0;
    for (path, item) in &openapi::document().paths.paths {
        let operations = [
            (&item.get, false),
            (&item.put, true),
            (&item.post, true),
            (&item.delete, true),
            (&item.patch, true),
        ];
        for (operation, changes) in operations {
            let Some(operation) = operation else { continue };
            let named = operation
                .parameters
                .iter()
                .flatten()
                .any(|parameter| parameter.name == "Idempotency-Key");
            let for_daemons = Audience::of(path) == Audience::Nodes;
            assert_eq!(named, changes && !for_daemons, "{path}");
            changing += usize::from(named);
        }
    }
    assert!(changing > 50, "only {changing} operations");
}
