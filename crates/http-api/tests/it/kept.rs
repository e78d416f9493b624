//! Answers that are kept whole: given again without asking anybody, and never when they should not be.

use std::time::Duration;

use panel_domain::actor::ApiKeyScope;
use panel_domain::permission::PermissionSet;
use panel_testkit::{Client, TestApp, eventually, factory};
use serde_json::{Value, json};

const ME: &str = "/api/client/account";
const SERVERS: &str = "/api/client/servers";
const SETTINGS: &str = "/api/settings";

/// Changes the user's name behind the back of the panel, which so has no reason to forget anything.
async fn rename_unseen(app: &TestApp, browser: &Client, name: &str) {
    let client = app.database().connect().await;
    let id = browser.user_id().to_string();
    let changed = client
        .execute(
            "UPDATE users SET name_first = $1 WHERE id::text = $2",
            &[&name, &id],
        )
        .await
        .unwrap();
    assert_eq!(changed, 1);
}

async fn first_name(browser: &Client) -> Value {
    browser.get(ME).await.ok()["user"]["name_first"].clone()
}

/// The names of the servers on a page, and how many there are in all.
async fn listed(browser: &Client, query: &str) -> (Vec<String>, Value) {
    let list = browser.get(&format!("{SERVERS}{query}")).await.ok();
    let servers = list["servers"]["data"].as_array().unwrap();
    let names = servers
        .iter()
        .map(|server| server["name"].as_str().unwrap().to_owned());
    (names.collect(), list["servers"]["total"].clone())
}

#[tokio::test]
async fn a_kept_answer_is_given_again_without_asking_the_database() {
    for local_cache in [true, false] {
        let app = TestApp::builder().local_cache(local_cache).start().await;
        let browser = app.user("reader").await;
        eventually("the answer to be kept", async || {
            // It may have been kept in between, with the other name.
            app.redis().flush().await;
            let before = first_name(&browser).await;
            rename_unseen(&app, &browser, "Unseen").await;
            let after = first_name(&browser).await;
            rename_unseen(&app, &browser, "Given").await;
            before == "Given" && after == "Given"
        })
        .await;
    }
}

#[tokio::test]
async fn a_kept_answer_costs_redis_nothing() {
    let app = TestApp::builder()
        .local_cache_for(Duration::from_secs(3600))
        .start()
        .await;
    let browser = app.user("reader").await;
    factory::server(&app, browser.user_id()).await;
    eventually("the answers to be kept", async || {
        let before = app.redis().commands("get").await;
        for path in [ME, SERVERS, SETTINGS] {
            browser.get(path).await.ok();
        }
        app.redis().commands("get").await == before
    })
    .await;
}

#[tokio::test]
async fn without_a_cache_in_the_process_a_kept_answer_costs_one_command() {
    let app = TestApp::builder().local_cache(false).start().await;
    let browser = app.user("reader").await;
    eventually(
        "the answer to be fetched without its credential",
        async || {
            let before = app.redis().commands("get").await;
            browser.get(ME).await.ok();
            app.redis().commands("get").await == before + 1
        },
    )
    .await;
}

#[tokio::test]
async fn ones_own_change_is_read_back_at_once() {
    let app = TestApp::start().await;
    let browser = app.user("writer").await;
    let device = browser.without_consistency_token();
    for number in 0..20 {
        let name = format!("Name {number}");
        browser.get(ME).await.ok();
        let change = json!({ "name_first": name });
        browser.patch(ME, change).await.ok();
        assert_eq!(first_name(&browser).await, json!(name));
        assert_eq!(first_name(&device).await, json!(name));
    }
}

#[tokio::test]
async fn ones_own_change_is_read_back_from_another_process() {
    let app = TestApp::start().await;
    let peer = app.peer().await;
    let browser = app.user("writer").await;
    let there = browser.at(peer.url());
    for number in 0..20 {
        let name = format!("Name {number}");
        there.get(ME).await.ok();
        browser.patch(ME, json!({ "name_first": name })).await.ok();
        assert_eq!(first_name(&there).await, json!(name));
    }
}

#[tokio::test]
async fn what_others_change_shows_up() {
    let app = TestApp::start().await;
    let (admin, browser) = (app.admin().await, app.user("shown").await);
    let peer = app.peer().await;
    let there = browser.at(peer.url());
    let server = factory::server(&app, browser.user_id()).await;
    let shown =
        async |browser: &Client| browser.get(SERVERS).await.ok()["servers"]["data"][0].clone();
    for client in [&browser, &there] {
        first_name(client).await;
        shown(client).await;
    }
    let user = format!("/api/admin/users/{}", browser.user_id());
    admin
        .patch(&user, json!({ "name_first": "Other" }))
        .await
        .ok();
    let path = format!("/api/admin/servers/{}", server.id);
    admin.patch(&path, json!({ "name": "Renamed" })).await.ok();
    let node = format!("/api/admin/nodes/{}", server.node.id);
    admin
        .patch(&node, json!({ "name": "Another node" }))
        .await
        .ok();
    let location = format!("/api/admin/locations/{}", server.node.location);
    admin
        .patch(&location, json!({ "name": "Elsewhere" }))
        .await
        .ok();
    for client in [&browser, &there] {
        eventually("the changes to show up", async || {
            let server = shown(client).await;
            first_name(client).await == "Other"
                && server["name"] == "Renamed"
                && server["node_name"] == "Another node"
                && server["location_name"] == "Elsewhere"
        })
        .await;
    }
}

#[tokio::test]
async fn a_list_follows_who_has_a_server() {
    let app = TestApp::start().await;
    let (admin, owner, friend) = (
        app.admin().await,
        app.user("owner").await,
        app.user("friend").await,
    );
    let first = factory::server(&app, owner.user_id()).await;
    factory::server(&app, owner.user_id()).await;
    let total = async |browser: &Client, query: &str| listed(browser, query).await.1;
    assert_eq!(total(&owner, "?page=2&per_page=1").await, 2);
    assert_eq!(total(&friend, "").await, 0);

    factory::subuser(&app, first.id, friend.user_id(), &["control.read-console"]).await;
    eventually("the share to show up", async || {
        total(&friend, "").await == 1
    })
    .await;

    // The server is not on the second page, and the page changes all the same.
    let path = format!("/api/admin/servers/{}", first.id);
    let give = json!({ "owner_uuid": friend.user_id().uuid() });
    admin.patch(&path, give).await.ok();
    eventually("the owner to have one server less", async || {
        total(&owner, "?page=2&per_page=1").await == 1 && total(&owner, "").await == 1
    })
    .await;
    assert_eq!(total(&friend, "").await, 1);

    admin.delete(&path).await.ok();
    eventually("the server to be gone", async || {
        total(&friend, "").await == 0
    })
    .await;
}

#[tokio::test]
async fn nobody_is_given_the_answer_of_somebody_else() {
    let app = TestApp::start().await;
    let (one, other) = (app.user("one").await, app.user("other").await);
    let server = factory::server(&app, one.user_id()).await;
    for _ in 0..3 {
        assert_eq!(one.get(ME).await.ok()["user"]["username"], "one");
        assert_eq!(other.get(ME).await.ok()["user"]["username"], "other");
        assert_eq!(listed(&one, "").await.1, 1);
        assert_eq!(listed(&other, "").await.1, 0);
        app.anonymous().get(ME).await.expect_status(401);
        app.anonymous().get(SERVERS).await.expect_status(401);
    }
    // A key that may not list is refused, although its user's browser was answered just now.
    let scope = ApiKeyScope {
        user: PermissionSet::EMPTY,
        admin: PermissionSet::EMPTY,
        server: PermissionSet::ALL,
    };
    let program = app.api_key(&one, scope).await;
    for _ in 0..3 {
        program
            .get(SERVERS)
            .await
            .expect_error(403, "permission_denied");
        assert_eq!(listed(&one, "").await.1, 1);
    }
    drop(server);
}

#[tokio::test]
async fn pages_and_searches_are_told_apart() {
    let app = TestApp::start().await;
    let browser = app.user("owner").await;
    for _ in 0..3 {
        factory::server(&app, browser.user_id()).await;
    }
    let (all, total) = listed(&browser, "").await;
    assert_eq!((all.len(), total), (3, json!(3)));
    for _ in 0..2 {
        for (index, name) in all.iter().enumerate() {
            let query = format!("?per_page=1&page={}", index + 1);
            assert_eq!(listed(&browser, &query).await.0, std::slice::from_ref(name));
            let query = format!("?page={}&per_page=1", index + 1);
            assert_eq!(listed(&browser, &query).await.0, std::slice::from_ref(name));
        }
        let search = format!("?search={}", all[1].replace(' ', "%20"));
        assert_eq!(listed(&browser, &search).await.0, [all[1].clone()]);
        assert_eq!(listed(&browser, "").await.0, all);
    }
    let other = browser.get(&format!("{SERVERS}?other=true")).await.ok();
    assert_eq!(other["servers"]["total"], 0);
}

#[tokio::test]
async fn a_credential_that_was_ended_opens_nothing_kept() {
    let app = TestApp::start().await;
    let peer = app.peer().await;
    let user = factory::user(&app, "leaver").await;
    let (browser, second) = (app.sign_in(&user).await, app.sign_in(&user).await);
    let there = browser.at(peer.url());
    for client in [&browser, &there] {
        client.get(ME).await.ok();
        client.get(ME).await.ok();
    }
    let sessions = second.get("/api/client/account/sessions").await.ok();
    let other = sessions["sessions"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["is_using"] == false)
        .unwrap();
    let path = format!(
        "/api/client/account/sessions/{}",
        other["uuid"].as_str().unwrap()
    );
    second.delete(&path).await.ok();
    browser.get(ME).await.expect_status(401);
    eventually("the other process to know", async || {
        there.get(ME).await.status == 401
    })
    .await;
    second.get(ME).await.ok();
}

#[tokio::test]
async fn a_right_that_was_taken_back_ends_what_was_kept_under_it() {
    let app = TestApp::start().await;
    let (admin, browser) = (app.admin().await, app.user("restrained").await);
    factory::server(&app, browser.user_id()).await;
    assert_eq!(listed(&browser, "").await.1, 1);
    assert_eq!(listed(&browser, "").await.1, 1);
    let path = format!("/api/admin/users/{}", browser.user_id());
    admin.patch(&path, json!({ "suspended": true })).await.ok();
    let refused = browser.get(SERVERS).await;
    assert_eq!(refused.status, 403, "{}", refused.describe());
    // Who is suspended still sees the account, as it is now.
    assert_eq!(browser.get(ME).await.ok()["user"]["suspended"], true);
}

#[tokio::test]
async fn the_time_in_the_settings_goes_on() {
    let app = TestApp::start().await;
    let visitor = app.anonymous();
    let time = |settings: &Value| -> chrono::DateTime<chrono::Utc> {
        settings["time"].as_str().unwrap().parse().unwrap()
    };
    let first = visitor.get(SETTINGS).await.ok();
    app.clock().advance(chrono::TimeDelta::milliseconds(5));
    let second = visitor.get(SETTINGS).await.ok();
    assert!(time(&second) > time(&first));
    assert_eq!(first["app"], second["app"]);
}

#[tokio::test]
async fn the_settings_follow_the_setup() {
    let app = TestApp::builder().fresh().start().await;
    let visitor = app.anonymous();
    let step = async || visitor.get(SETTINGS).await.ok()["oobe_step"].clone();
    assert_eq!(step().await, "account");
    assert_eq!(step().await, "account");
    let admin = app.admin().await;
    let client = app.database().connect().await;
    client
        .execute("UPDATE setup SET account_created_at = now()", &[])
        .await
        .unwrap();
    assert_eq!(step().await, "location");
    admin.post("/api/setup/finish", json!({})).await.ok();
    eventually("the setup to be over", async || step().await.is_null()).await;
}

#[tokio::test]
async fn a_kept_answer_has_the_headers_of_any_other() {
    let app = TestApp::start().await;
    let browser = app.user("reader").await;
    let fresh = browser.get(ME).await;
    let kept = browser.get(ME).await;
    let names = |answer: &panel_testkit::Answer| {
        let names = answer.headers.keys().map(ToString::to_string);
        // The first use of a session in a while renews the browser's cookie.
        names
            .filter(|name| name != "set-cookie")
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&fresh), names(&kept));
    assert_eq!(kept.headers["cache-control"], "no-store");
    assert_eq!(kept.headers["content-type"], "application/json");
    assert_ne!(fresh.headers["x-request-id"], kept.headers["x-request-id"]);
}
