//! How much a client may ask.

use panel_testkit::{Answer, Client, TestApp, eventually, factory};
use serde_json::{Value, json};

const ME: &str = "/api/client/account";
const SETTINGS: &str = "/api/admin/settings";

fn set(name: &str, hits: u32) -> Value {
    json!({ "ratelimits": { name: { "hits": hits, "window_seconds": 60 } } })
}

/// A panel where every user, and every address of somebody unknown, may ask `hits` times a minute.
async fn with_limit(hits: u32) -> TestApp {
    let app = TestApp::start().await;
    app.admin()
        .await
        .put(SETTINGS, set("client", hits))
        .await
        .ok();
    app
}

/// Asks until refused; how often it was answered before, and the refusal.
async fn until_refused(client: &Client, path: &str) -> (u32, Answer) {
    for asked in 0..10_000 {
        let answer = client.get(path).await;
        if answer.status == 429 {
            return (asked, answer);
        }
    }
    panic!("never refused");
}

#[tokio::test]
async fn a_user_may_ask_so_often_on_all_devices_together() {
    let app = with_limit(30).await;
    let user = factory::user(&app, "busy").await;
    let devices = [app.sign_in(&user).await, app.sign_in(&user).await];
    for asked in 0..30 {
        devices[asked % 2].get(ME).await.ok();
    }
    for device in &devices {
        let refused = device.get(ME).await;
        let refused = refused.expect_error(429, "rate_limited");
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(refused.header("x-ratelimit-limit"), Some("30"));
        assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
        assert!(refused.header("x-ratelimit-reset").is_some());
    }
    let other = app.user("calm").await;
    other.get(ME).await.ok();
}

#[tokio::test]
async fn a_large_limit_is_kept_over_processes() {
    let app = with_limit(200).await;
    let peer = app.peer().await;
    let here = app.user("busy").await;
    let there = here.at(peer.url());
    let mut answered = 0;
    for _ in 0..150 {
        for client in [&here, &there] {
            answered += u32::from(client.get(ME).await.is_success());
        }
    }
    assert_eq!(answered, 200);
}

#[tokio::test]
async fn who_has_not_signed_in_is_counted_by_address() {
    let app = with_limit(25).await;
    let stranger = app.anonymous();
    let (answered, _) = until_refused(&stranger, "/api/settings").await;
    assert_eq!(answered, 25);
    // Guesses of credentials count for the address as well.
    stranger.get(ME).await.expect_error(429, "rate_limited");
    let guesser = app.anonymous();
    guesser.set_cookie("roost_session", "roost_ses_forged");
    let (answered, _) = until_refused(&guesser, ME).await;
    assert_eq!(answered, 25);
    app.anonymous().get("/api/settings").await.ok();
    // Whoever is signed in there is not kept from working by others of the address.
    let user = app.user("neighbour").await;
    let at_the_same_address = user.from_address(guesser.address());
    at_the_same_address.get(ME).await.ok();
}

#[tokio::test]
async fn daemons_and_health_are_never_limited() {
    let app = with_limit(1).await;
    let node = factory::node(&app).await;
    let daemon = app.node_client(&node);
    for _ in 0..20 {
        daemon
            .get("/api/remote/servers?page=0&per_page=50")
            .await
            .ok();
        let stranger = app.anonymous().from_address(daemon.address());
        assert_ne!(stranger.get("/health/live").await.status, 429);
    }
}

#[tokio::test]
async fn limits_are_settings() {
    let app = TestApp::start().await;
    let peer = app.peer().await;
    let admin = app.admin().await;
    let limits = |answer: Value| answer["settings"]["ratelimits"].clone();
    let before = limits(admin.get(SETTINGS).await.ok());
    assert_eq!(
        before["client"],
        json!({ "hits": 720, "window_seconds": 60 })
    );
    assert_eq!(
        before["auth_login"],
        json!({ "hits": 20, "window_seconds": 300 })
    );
    admin.put(SETTINGS, set("auth_login", 3)).await.ok();
    let after = limits(admin.get(SETTINGS).await.ok());
    assert_eq!(after["auth_login"]["hits"], 3);
    assert_eq!(after["client"], before["client"]);

    let attempt = json!({ "user": "nobody", "password": "a guess" });
    let guesses = async |url: &url::Url| {
        let guesser = app.anonymous().at(url);
        let mut answered = 0;
        while guesser.post("/api/auth/login", &attempt).await.status != 429 {
            answered += 1;
        }
        answered
    };
    assert_eq!(guesses(app.url()).await, 3);
    eventually("the other process works by it", async || {
        guesses(peer.url()).await == 3
    })
    .await;
}

#[tokio::test]
async fn a_limit_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nothing = admin.put(SETTINGS, set("client", 0)).await;
    nothing
        .expect_error(400, "invalid_input")
        .expect_fields(&["ratelimits.client.hits"]);
    let unknown = admin.put(SETTINGS, set("cilent", 5)).await;
    unknown
        .expect_error(400, "invalid_input")
        .expect_fields(&["ratelimits.cilent"]);
    let daemons = admin.put(SETTINGS, set("remote", 5)).await;
    daemons
        .expect_error(400, "invalid_input")
        .expect_fields(&["ratelimits.remote"]);
}
