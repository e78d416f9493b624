//! Redis hung, gone, full, read-only, locked and emptied: people work on, and limits hold.

use std::time::Duration;

use panel_testkit::{TestApp, eventually, factory};
use serde_json::json;

const ME: &str = "/api/client/account";

/// A panel that waits for Redis as long as an operator's does.
async fn impatient() -> TestApp {
    TestApp::builder()
        .redis_budget(Duration::from_millis(50))
        .start()
        .await
}

async fn redis_is_used_again(app: &TestApp) {
    eventually("Redis is used again", async || {
        app.service().cache().connect().await
    })
    .await;
}

/// What people do, by themselves and through another process.
async fn people_work(app: &TestApp, peer: &TestApp, fault: &str) {
    let user = factory::user(app, &format!("worker_{fault}")).await;
    let browser = app.sign_in(&user).await;
    for (step, name) in ["first", "second", "third"].iter().enumerate() {
        browser.patch(ME, json!({ "name_first": name })).await.ok();
        let elsewhere = browser.at(peer.url());
        for client in [&browser, &elsewhere] {
            let me = client.get(ME).await.ok();
            assert_eq!(me["user"]["name_first"], *name, "{fault}: step {step}");
        }
    }
    browser
        .post("/api/client/account/logout", json!({}))
        .await
        .ok();
}

/// An address may guess passwords as often as always, in this process.
async fn guessing_is_limited(app: &TestApp, fault: &str) {
    let guesser = app.anonymous();
    let guess = json!({ "user": "nobody", "password": "a guess" });
    let mut answered = 0;
    while guesser.post("/api/auth/login", &guess).await.status != 429 {
        answered += 1;
        assert!(answered <= 20, "{fault}: nobody stops the guesses");
    }
    assert_eq!(answered, 20, "{fault}");
}

fn assert_no_failure(app: &TestApp) {
    let failures: Vec<String> = app
        .exchanges()
        .iter()
        .filter(|exchange| exchange.status >= 500)
        .map(|exchange| format!("{} {} {}", exchange.status, exchange.method, exchange.path))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[tokio::test]
async fn people_work_on_whatever_happens_to_redis() {
    let app = impatient().await;
    let peer = app.peer().await;
    let redis = app.redis();
    let before = app.user("early_bird").await;
    before.get(ME).await.ok();

    for fault in ["hung", "gone", "full", "readonly", "locked"] {
        redis_is_used_again(&app).await;
        match fault {
            "hung" => redis.pause(),
            "gone" => redis.kill().await,
            "full" => redis.configure("maxmemory", "1").await,
            "readonly" => redis.order("REPLICAOF 127.0.0.1 1").await,
            _ => redis.lock("unknown").await,
        }
        people_work(&app, &peer, fault).await;
        guessing_is_limited(&app, fault).await;
        before.get(ME).await.ok();
        match fault {
            "hung" => redis.resume(),
            "full" => redis.configure("maxmemory", "0").await,
            "readonly" => redis.replicate(None).await,
            _ => redis.restart().await,
        }
    }
    redis_is_used_again(&app).await;
    people_work(&app, &peer, "none").await;
    assert_no_failure(&app);
    assert_no_failure(&peer);
}

#[tokio::test]
async fn emptied_again_and_again_it_makes_no_answer_wrong() {
    let app = TestApp::start().await;
    let peer = app.peer().await;
    let here = app.user("writer").await;
    let there = here.at(peer.url());
    for round in 0..50 {
        app.redis().flush().await;
        let name = format!("Name {round}");
        let (writer, reader) = if round % 2 == 0 {
            (&here, &there)
        } else {
            (&there, &here)
        };
        writer.patch(ME, json!({ "name_first": name })).await.ok();
        app.redis().flush().await;
        let me = reader.get(ME).await.ok();
        assert_eq!(me["user"]["name_first"], name);
    }
    assert_no_failure(&app);
    assert_no_failure(&peer);
}
