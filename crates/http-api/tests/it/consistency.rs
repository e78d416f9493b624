//! What readers are shown on several processes with a replica that lags, a primary that hangs, and caches that others have filled.

use panel_domain::actor::ApiKeyScope;
use panel_testkit::{Answer, Client, TestApp, eventually, factory};
use serde_json::{Value, json};

const LOCATIONS: &str = "/api/admin/locations";
const ME: &str = "/api/client/account";

/// Where a reading of the request went, by the header for whoever looks for a fault.
fn reads(answer: &Answer) -> &str {
    answer.header("x-reads").unwrap_or_default()
}

/// How a client says what it has written.
#[derive(Debug, Clone, Copy)]
enum Echo {
    Header,
    Cookie,
}

async fn get(client: &Client, echo: Echo, path: &str) -> Answer {
    let request = client.request(panel_testkit::Method::GET, path);
    match echo {
        Echo::Header => request.send().await,
        Echo::Cookie => request.without_header("x-consistency-token").send().await,
    }
}

async fn total(client: &Client, echo: Echo, search: &str) -> Value {
    let path = format!("{LOCATIONS}?search={search}");
    get(client, echo, &path).await.ok()["locations"]["total"].take()
}

#[tokio::test]
async fn own_writes_are_read_everywhere_while_the_replica_lags() {
    let app = TestApp::builder().replica().start().await;
    let peer = app.peer().await;
    let bystander = app.admin().await.at(peer.url()).without_consistency_token();
    let browser = app.admin().await;
    let program = app.api_key(&browser, ApiKeyScope::ALL).await;
    app.replica().catch_up(app.primary()).await;
    assert_eq!(total(&bystander, Echo::Header, "").await, 0);
    app.replica().pause_replay().await;

    let mut made = 0;
    for (writer, echo, name) in [
        (&browser, Echo::Header, "Ash"),
        (&browser, Echo::Cookie, "Birch"),
        (&program, Echo::Header, "Cedar"),
    ] {
        let there = writer.at(peer.url());
        // Everybody has asked before, here and there.
        total(writer, echo, name).await;
        total(&there, echo, name).await;
        let answer = writer.post(LOCATIONS, json!({ "name": name })).await.ok();
        made += 1;
        let path = format!(
            "{LOCATIONS}/{}",
            answer["location"]["uuid"].as_str().unwrap()
        );
        for reader in [writer, &there] {
            let item = get(reader, echo, &path).await;
            assert!(reads(&item).contains("primary=behind"), "{}", reads(&item));
            assert_eq!(item.ok()["location"]["name"], name);
            assert_eq!(total(reader, echo, "").await, made);
            assert_eq!(total(reader, echo, name).await, 1);
        }
        let renamed = format!("{name} tree");
        writer.patch(&path, json!({ "name": renamed })).await.ok();
        assert_eq!(
            get(&there, echo, &path).await.ok()["location"]["name"],
            renamed
        );
        // Who has written nothing is shown what the replica has, but no object is denied that is there.
        let other = get(&bystander, Echo::Header, LOCATIONS).await;
        assert!(reads(&other).contains("replica=fresh"), "{}", reads(&other));
        assert_eq!(other.ok()["locations"]["total"], 0);
        let other = get(&bystander, Echo::Header, &path).await;
        assert!(
            reads(&other).contains("primary=not_found"),
            "{}",
            reads(&other)
        );
        assert_eq!(other.ok()["location"]["name"], renamed);
    }

    // A program that shows no token is known to the region for a while.
    program
        .post(LOCATIONS, json!({ "name": "Dogwood" }))
        .await
        .ok();
    let forgetful = program.without_consistency_token().at(peer.url());
    eventually("the region to know of the write", async || {
        total(&forgetful, Echo::Header, "").await == made + 1
    })
    .await;

    app.replica().resume_replay().await;
    eventually("the bystander to see all of it", async || {
        total(&bystander, Echo::Header, "").await == made + 1
    })
    .await;
}

#[tokio::test]
async fn tokens_that_are_not_the_readers_own_are_ignored() {
    let app = TestApp::builder().replica().start().await;
    let (reader, writer) = (app.admin().await, app.admin().await);
    app.replica().catch_up(app.primary()).await;
    app.replica().pause_replay().await;
    let written = writer.post(LOCATIONS, json!({ "name": "Ash" })).await;
    let foreign = written.header("x-consistency-token").unwrap().to_owned();
    // The reader's own sign-in was a write, too.
    let reader = reader.without_consistency_token();
    for token in [foreign.as_str(), "v1.1.1.1.AAAA", "", "nonsense"] {
        let request = reader.request(panel_testkit::Method::GET, LOCATIONS);
        let answer = request.header("x-consistency-token", token).send().await;
        assert!(
            reads(&answer).contains("replica="),
            "{token}: {}",
            reads(&answer)
        );
        assert_eq!(answer.ok()["locations"]["total"], 0);
    }
}

#[tokio::test]
async fn a_revocation_does_not_wait_for_the_replica() {
    let app = TestApp::builder().replica().start().await;
    let peer = app.peer().await;
    let (user, admin) = (factory::user(&app, "somebody").await, app.admin().await);
    let guest = app.sign_in(&user).await.at(peer.url());
    app.replica().catch_up(app.primary()).await;
    guest.get(ME).await.ok();
    app.replica().pause_replay().await;
    admin
        .delete(&format!("/api/admin/users/{}", user.id))
        .await
        .ok();
    eventually("the user to be shut out", async || {
        guest.get(ME).await.status == 401
    })
    .await;
}

#[tokio::test]
async fn while_the_primary_hangs_reading_goes_on_and_writing_is_refused_at_once() {
    let app = TestApp::builder().replica().start().await;
    let admin = app.admin().await;
    let user = app.user("reader").await;
    app.replica().catch_up(app.primary()).await;
    user.get(ME).await.ok();
    admin.get(LOCATIONS).await.ok();
    app.primary().hang();
    let reader = user.without_consistency_token();
    eventually("its absence to be noticed", async || {
        !app.db().accepts_writes()
    })
    .await;
    let refused = admin.post(LOCATIONS, json!({ "name": "Ash" })).await;
    assert!(refused.header("retry-after").is_some());
    refused.expect_status(503);
    eventually("the reader to be answered by the replica", async || {
        reader.get(ME).await.status == 200
    })
    .await;
    app.primary().resume();
    eventually("it to be written again", async || {
        admin
            .post(LOCATIONS, json!({ "name": "Ash" }))
            .await
            .is_success()
    })
    .await;
}
