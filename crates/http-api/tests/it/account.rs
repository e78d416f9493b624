//! The own account, its keys and its sessions.

use chrono::TimeDelta;
use panel_domain::actor::ApiKeyScope;
use panel_domain::permission::{PermissionSet, UserPermission};
use panel_testkit::{Client, Method, PASSWORD, TestApp, factory};
use serde_json::{Value, json};

const ME: &str = "/api/client/account";
const KEYS: &str = "/api/client/account/api-keys";
const SESSIONS: &str = "/api/client/account/sessions";

#[tokio::test]
async fn the_profile() {
    let app = TestApp::start().await;
    let browser = app.user("before").await;
    let change = json!({ "username": "after", "language": "de", "start_on_grouped_servers": true });
    browser.patch(ME, change).await.ok();
    let me = browser.get(ME).await.ok();
    assert_eq!(me["user"]["username"], "after");
    assert_eq!(me["user"]["language"], "de");
    factory::user(&app, "other").await;
    let taken = browser.patch(ME, json!({ "username": "OTHER" })).await;
    taken
        .expect_error(409, "taken")
        .expect_fields(&["username"]);
    let wrong = browser
        .patch(ME, json!({ "username": "a b", "name_first": "" }))
        .await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["username", "name_first"]);
    let log = browser.get("/api/client/account/activity").await.ok();
    let last = &log["activities"]["data"][0];
    assert_eq!(last["event"], "user:account.update");
    assert_eq!(last["ip"], json!(browser.address()));
}

#[tokio::test]
async fn a_frozen_account_stays_as_it_is() {
    let app = TestApp::start().await;
    let browser = app.user("statue").await;
    let path = format!("/api/admin/users/{}", browser.user_id());
    app.admin()
        .await
        .patch(&path, json!({ "frozen": true }))
        .await
        .ok();
    let answer = browser.patch(ME, json!({ "language": "de" })).await;
    answer.expect_error(403, "account_frozen");
}

#[tokio::test]
async fn a_new_address_needs_the_password() {
    let app = TestApp::start().await;
    let browser = app.user("mover").await;
    let change = |password: &str| json!({ "email": "new@example.com", "password": password });
    let path = "/api/client/account/email";
    let wrong = browser.put(path, change("a guess")).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["password"]);
    browser.put(path, change(PASSWORD)).await.ok();
    let login = json!({ "user": "new@example.com", "password": PASSWORD });
    app.anonymous().post("/api/auth/login", login).await.ok();
}

#[tokio::test]
async fn guesses_of_the_password_are_counted() {
    let app = TestApp::start().await;
    let browser = app.user("victim").await;
    let guess = json!({ "email": "new@example.com", "password": "a guess" });
    for _ in 0..10 {
        let answer = browser.put("/api/client/account/email", &guess).await;
        answer.expect_status(400);
    }
    let answer = browser.put("/api/client/account/email", &guess).await;
    answer.expect_error(429, "rate_limited");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "careful").await;
    let here = app.sign_in(&user).await;
    let elsewhere = app.sign_in(&user).await;
    elsewhere.get(ME).await.ok();
    let program = app.api_key(&here, ApiKeyScope::ALL).await;
    let path = "/api/client/account/password";
    let weak = json!({ "password": PASSWORD, "new_password": "short" });
    let weak = here.put(path, weak).await;
    weak.expect_error(400, "invalid_input")
        .expect_fields(&["new_password"]);
    let change = json!({ "password": PASSWORD, "new_password": "another good one" });
    here.put(path, change).await.ok();
    here.get(ME).await.ok();
    program.get(ME).await.ok();
    elsewhere.get(ME).await.expect_status(401);
    let old = json!({ "user": "careful", "password": PASSWORD });
    app.anonymous()
        .post("/api/auth/login", old)
        .await
        .expect_status(400);
}

#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "roamer").await;
    let here = app.sign_in(&user).await;
    let there = app.sign_in(&user).await;
    let third = app.sign_in(&user).await;
    let listed = here.get(SESSIONS).await.ok();
    assert_eq!(listed["sessions"]["total"], 3);
    let own = own_session(&there).await;
    let address = there.address().to_string();
    assert_eq!(own["ip"], json!(address));

    let path = format!("{SESSIONS}/{}", own["uuid"].as_str().unwrap());
    let stranger = app.user("stranger").await;
    stranger
        .delete(&path)
        .await
        .expect_error(404, "session_not_found");
    here.delete(&path).await.ok();
    there.get(ME).await.expect_status(401);
    third.get(ME).await.ok();
    let ended = here.delete(SESSIONS).await.ok();
    assert_eq!(ended, json!({ "deleted": 1 }));
    third.get(ME).await.expect_status(401);
    here.get(ME).await.ok();
}

async fn own_session(client: &Client) -> Value {
    let listed = client.get(SESSIONS).await.ok();
    let sessions = listed["sessions"]["data"].as_array().unwrap();
    let own = sessions.iter().find(|session| session["is_using"] == true);
    own.unwrap().clone()
}

fn new_key(name: &str, user_permissions: &[&str]) -> Value {
    json!({
        "name": name, "allowed_ips": [], "expires": null,
        "user_permissions": user_permissions, "server_permissions": [], "admin_permissions": [],
    })
}

#[tokio::test]
async fn a_key_from_being_made_to_being_deleted() {
    let app = TestApp::start().await;
    let browser = app.user("scripter").await;
    let made = browser
        .post(KEYS, new_key("deploy", &["servers.read"]))
        .await
        .ok();
    let key = made["key"].as_str().unwrap();
    let program = app.program(key);
    assert_eq!(program.get(ME).await.ok()["user"]["username"], "scripter");
    program.get("/api/client/servers").await.ok();
    program
        .get(SESSIONS)
        .await
        .expect_error(403, "permission_denied");

    let start = made["api_key"]["key_start"].as_str().unwrap();
    assert!(key.starts_with(start));
    let found = browser
        .get(&format!("{KEYS}/identifier/{start}"))
        .await
        .ok();
    assert_eq!(found["api_key"]["uuid"], made["api_key"]["uuid"]);
    let listed = browser.get(KEYS).await.ok();
    assert_eq!(listed["api_keys"]["total"], 1);
    let again = browser.post(KEYS, new_key("deploy", &[])).await;
    again.expect_error(409, "taken").expect_fields(&["name"]);

    let path = format!("{KEYS}/{}", made["api_key"]["uuid"].as_str().unwrap());
    let stranger = app.user("stranger").await;
    stranger
        .delete(&path)
        .await
        .expect_error(404, "api_key_not_found");

    // What a key loses, it loses with the next request.
    let change = json!({ "user_permissions": [], "allowed_ips": [] });
    browser.patch(&path, change).await.ok();
    let refused = program.get("/api/client/servers").await;
    refused.expect_error(403, "permission_denied");

    let renewed = browser
        .post(&format!("{path}/recreate"), json!({}))
        .await
        .ok();
    program.get(ME).await.expect_status(401);
    let program = app.program(renewed["key"].as_str().unwrap());
    program.get(ME).await.ok();
    browser.delete(&path).await.ok();
    program.get(ME).await.expect_status(401);
}

#[tokio::test]
async fn a_key_works_until_it_expires_and_from_where_it_may() {
    let app = TestApp::start().await;
    let browser = app.user("careful").await;
    let mut body = new_key("short-lived", &[]);
    body["expires"] = json!(app.now() + TimeDelta::hours(1));
    let made = browser.post(KEYS, body).await.ok();
    let program = app.program(made["key"].as_str().unwrap());
    program.get(ME).await.ok();
    app.clock().advance(TimeDelta::hours(1));
    program.get(ME).await.expect_status(401);

    let mut body = new_key("past", &[]);
    body["expires"] = json!(app.now() - TimeDelta::seconds(1));
    body["allowed_ips"] = json!(["anywhere"]);
    let answer = browser.post(KEYS, body).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["expires", "allowed_ips"]);

    let mut body = new_key("at-home", &[]);
    body["allowed_ips"] = json!(["192.0.2.0/24", "2001:db8::1"]);
    let made = browser.post(KEYS, body).await.ok();
    assert_eq!(
        made["api_key"]["allowed_ips"],
        json!(["192.0.2.0/24", "2001:db8::1"])
    );
    let program = app.program(made["key"].as_str().unwrap());
    program.get(ME).await.expect_status(401);
    let at_home = program
        .request(Method::GET, ME)
        .header("x-forwarded-for", "192.0.2.77");
    at_home.send().await.ok();
}

#[tokio::test]
async fn a_key_makes_no_stronger_keys() {
    let app = TestApp::start().await;
    let browser = app.admin().await;
    let scope = ApiKeyScope {
        user: [UserPermission::ApiKeysCreate, UserPermission::ApiKeysRead]
            .into_iter()
            .collect(),
        admin: PermissionSet::EMPTY,
        server: PermissionSet::EMPTY,
    };
    let program = app.api_key(&browser, scope).await;
    program
        .post(KEYS, new_key("weaker", &["api-keys.read"]))
        .await
        .ok();
    let stronger = program
        .post(KEYS, new_key("stronger", &["account.password"]))
        .await;
    stronger.expect_error(403, "permission_denied");
    let mut body = new_key("stronger", &[]);
    body["admin_permissions"] = json!(["users.create"]);
    let stronger = program.post(KEYS, body).await;
    stronger.expect_error(403, "permission_denied");
}

#[tokio::test]
async fn there_is_a_list_of_permissions() {
    let app = TestApp::start().await;
    let browser = app.user("reader").await;
    let permissions = browser.get("/api/client/permissions").await.ok();
    let console = &permissions["server_permissions"]["control"]["permissions"]["console"];
    assert!(console.is_string());
}
