//! The first run.

use panel_testkit::TestApp;
use serde_json::{Value, json};

async fn setup_token(app: &TestApp) -> String {
    let token = panel_service::auth::setup::token(app.service()).await;
    token.unwrap().expect("the setup is over").into_exposed()
}

fn account(token: &str, username: &str) -> Value {
    json!({
        "setup_token": token,
        "username": username,
        "email": format!("{username}@example.com"),
        "name_first": "First",
        "name_last": "Admin",
        "password": "correct horse battery",
    })
}

#[tokio::test]
async fn the_first_account_is_an_administrator_and_signed_in() {
    let app = TestApp::builder().fresh().start().await;
    let browser = app.anonymous();
    let state = browser.get("/api/setup").await.ok();
    assert_eq!(state, json!({ "needed": true, "step": "account" }));
    let settings = browser.get("/api/settings").await.ok();
    assert_eq!(settings["oobe_step"], "account");

    let token = setup_token(&app).await;
    let made = browser
        .post("/api/setup", account(&token, "first"))
        .await
        .ok();
    assert_eq!(made["type"], "completed");
    assert_eq!(made["user"]["admin"], true);
    let me = browser.get("/api/client/account").await.ok();
    assert_eq!(me["user"]["username"], "first");
    assert_eq!(browser.get("/api/setup").await.ok()["step"], "location");

    browser.post("/api/setup/finish", json!({})).await.ok();
    let state = browser.get("/api/setup").await.ok();
    assert_eq!(state, json!({ "needed": false, "step": "finished" }));
}

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    let app = TestApp::builder().fresh().start().await;
    let stranger = app.anonymous();
    let body = account("0123456789abcdef", "stranger");
    let answer = stranger.post("/api/setup", body).await;
    answer.expect_error(403, "setup_token_wrong");
    assert_eq!(stranger.get("/api/setup").await.ok()["step"], "account");
}

#[tokio::test]
async fn what_is_wrong_is_told_all_at_once() {
    let app = TestApp::builder().fresh().start().await;
    let mut body = account(&setup_token(&app).await, "a b");
    body["email"] = json!("nowhere");
    body["password"] = json!("short");
    let answer = app.anonymous().post("/api/setup", body).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["username", "email", "password"]);
}

#[tokio::test]
async fn of_two_at_once_one_succeeds() {
    let app = TestApp::builder().fresh().start().await;
    let other = app.peer().await;
    let token = setup_token(&app).await;
    let (here, there) = (app.anonymous(), other.anonymous());
    let (one, two) = tokio::join!(
        here.post("/api/setup", account(&token, "one")),
        there.post("/api/setup", account(&token, "two")),
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(
        statuses,
        [200, 409],
        "{} {}",
        one.describe(),
        two.describe()
    );
    let late = here.post("/api/setup", account(&token, "late")).await;
    late.expect_error(409, "setup_done");
    let users = app.admin().await.get("/api/admin/users").await.ok();
    assert_eq!(
        users["users"]["total"], 2,
        "the first one and the one who asks"
    );
}
