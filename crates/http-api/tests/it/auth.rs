//! Signing in and out, and what ends it.

use chrono::TimeDelta;
use panel_domain::actor::ApiKeyScope;
use panel_testkit::{Method, PASSWORD, TestApp, eventually, factory};
use serde_json::json;

const ME: &str = "/api/client/account";

#[tokio::test]
async fn by_name_or_address_in_any_case() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "Player_1").await;
    for login in ["player_1", "PLAYER_1", " Player_1", "PLAYER_1@example.com"] {
        let browser = app.anonymous();
        let body = json!({ "user": login, "password": PASSWORD });
        let answer = browser.post("/api/auth/login", body).await;
        let cookie = answer.header("set-cookie").unwrap_or_default().to_owned();
        assert_eq!(answer.ok()["user"]["username"], "Player_1", "{login}");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        let me = browser.get(ME).await.ok();
        assert_eq!(me["user"]["uuid"], json!(user.id));
    }
}

#[tokio::test]
async fn every_failure_looks_the_same() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "somebody").await;
    let attempt = async |login: &str, password: &str| {
        let browser = app.anonymous();
        let body = json!({ "user": login, "password": password });
        let answer = browser.post("/api/auth/login", body).await;
        assert_eq!(browser.cookie("roost_session"), None);
        answer.expect_error(400, "invalid_input").json["errors"].clone()
    };
    let wrong = attempt("somebody", "not the password").await;
    assert_eq!(attempt("nobody", PASSWORD).await, wrong);
    assert_eq!(attempt("nobody@example.com", PASSWORD).await, wrong);
    assert_eq!(attempt(&user.email, "").await, wrong);
}

#[tokio::test]
async fn after_ten_failures_the_account_rests() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "target").await;
    for _ in 0..10 {
        let body = json!({ "user": "target", "password": "a guess" });
        // Each from another address, so that only the account's own count can help.
        let answer = app.anonymous().post("/api/auth/login", body).await;
        answer.expect_status(400);
    }
    let body = json!({ "user": "target", "password": PASSWORD });
    let answer = app.anonymous().post("/api/auth/login", &body).await;
    answer.expect_status(400);
    app.clock().advance(TimeDelta::minutes(6));
    app.sign_in(&user).await.get(ME).await.ok();
}

#[tokio::test]
async fn an_address_has_so_many_attempts() {
    let app = TestApp::start().await;
    let guesser = app.anonymous();
    let body = json!({ "user": "nobody", "password": "a guess" });
    for _ in 0..20 {
        guesser
            .post("/api/auth/login", &body)
            .await
            .expect_status(400);
    }
    let refused = guesser.post("/api/auth/login", &body).await;
    let refused = refused.expect_error(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    assert_eq!(refused.header("x-ratelimit-limit"), Some("20"));
    let other = app.anonymous();
    other
        .post("/api/auth/login", &body)
        .await
        .expect_status(400);
}

#[tokio::test]
async fn a_made_up_credential_is_nobody() {
    let app = TestApp::start().await;
    app.anonymous()
        .get(ME)
        .await
        .expect_error(401, "unauthenticated");
    let forger = app.anonymous();
    forger.set_cookie("roost_session", "roost_ses_forged");
    forger.get(ME).await.expect_status(401);
    app.program("roost_forged").get(ME).await.expect_status(401);
    app.program("ptlc_forged").get(ME).await.expect_status(401);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let app = TestApp::start().await;
    let browser = app.user("leaver").await;
    let kept = browser.cookie("roost_session").unwrap();
    browser.get(ME).await.ok();
    let answer = browser.post("/api/client/account/logout", json!({})).await;
    assert_eq!(
        answer.header("clear-site-data"),
        Some(r#""cache", "storage""#)
    );
    assert_eq!(browser.cookie("roost_session"), None);
    let thief = app.anonymous();
    thief.set_cookie("roost_session", &kept);
    thief.get(ME).await.expect_status(401);
}

#[tokio::test]
async fn other_processes_honour_the_end_of_a_session() {
    let app = TestApp::start().await;
    let other = app.peer().await;
    let browser = app.user("leaver").await;
    let thief = other.anonymous();
    thief.set_cookie("roost_session", &browser.cookie("roost_session").unwrap());
    thief.get(ME).await.ok();
    browser
        .post("/api/client/account/logout", json!({}))
        .await
        .ok();
    eventually("the other process to refuse the session", async || {
        thief.get(ME).await.status == 401
    })
    .await;
}

#[tokio::test]
async fn an_unused_session_ends_by_its_age() {
    let app = TestApp::builder()
        .session_lifetime(TimeDelta::hours(2))
        .start()
        .await;
    let browser = app.user("sleeper").await;
    app.clock().advance(TimeDelta::minutes(119));
    // Asked of a process that has not seen the session yet, so that the table decides.
    let other = app.peer().await;
    browser.at(other.url()).get(ME).await.ok();
    app.clock().advance(TimeDelta::minutes(2));
    let third = app.peer().await;
    app.redis().flush().await;
    browser.at(third.url()).get(ME).await.expect_status(401);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let app = TestApp::start().await;
    let browser = app.user("surfer").await;
    let logout = || {
        browser
            .request(Method::POST, "/api/client/account/logout")
            .without_header("sec-fetch-site")
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example.com"),
        ("origin", "null"),
    ] {
        let answer = logout().header(name, value).send().await;
        answer.expect_error(403, "cross_site");
    }
    logout().send().await.expect_error(403, "cross_site");
    browser.get(ME).await.ok();
    let own = app.url().origin().ascii_serialization();
    logout().header("origin", &own).send().await.ok();
}

#[tokio::test]
async fn a_suspended_user_sees_the_account_and_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let browser = app.user("troll").await;
    browser.get("/api/client/servers").await.ok();
    let path = format!("/api/admin/users/{}", browser.user_id());
    admin.patch(&path, json!({ "suspended": true })).await.ok();
    let refused = browser.get("/api/client/servers").await;
    refused.expect_error(403, "account_suspended");
    let me = browser.get(ME).await.ok();
    assert_eq!(me["user"]["suspended"], true);
    admin.patch(&path, json!({ "suspended": false })).await.ok();
    browser.get("/api/client/servers").await.ok();
}

#[tokio::test]
async fn a_session_in_use_is_kept_by_the_browser() {
    // Whom a session belongs to is cached for a minute of the machine's clock.
    let app = TestApp::builder()
        .local_cache(false)
        .redis(false)
        .start()
        .await;
    let browser = app.user("somebody").await;
    let renewed = async || {
        let answer = browser.get(ME).await;
        let cookie = answer.header("set-cookie").unwrap_or_default().to_owned();
        answer.ok();
        cookie
            .contains("roost_session=")
            .then(|| assert!(cookie.contains("Max-Age=604800"), "{cookie}"))
            .is_some()
    };
    assert!(renewed().await);
    assert!(!renewed().await, "not with every answer");
    app.clock().advance(TimeDelta::minutes(2));
    assert!(renewed().await);
    // Use adds up to more days than a session lasts unused.
    for _ in 0..2 {
        app.clock().advance(TimeDelta::days(4));
        assert!(renewed().await);
        let yesterday = app.now() - TimeDelta::days(1);
        let sql = format!(
            "SELECT last_used_at > '{}' FROM sessions",
            yesterday.to_rfc3339()
        );
        eventually("the use is written", async || {
            let database = app.database().connect().await;
            database.query_one(&sql, &[]).await.unwrap().get(0)
        })
        .await;
    }
    app.clock().advance(TimeDelta::days(8));
    browser.get(ME).await.expect_status(401);
    let program = app
        .api_key(&app.user("another").await, ApiKeyScope::ALL)
        .await;
    assert_eq!(program.get(ME).await.header("set-cookie"), None);
}

#[tokio::test]
async fn signing_out_is_not_undone_by_the_renewal() {
    let app = TestApp::start().await;
    let browser = app.user("somebody").await;
    browser
        .post("/api/client/account/logout", json!({}))
        .await
        .ok();
    assert_eq!(browser.cookie("roost_session"), None);
}
