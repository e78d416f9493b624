//! Console commands that users keep under a name.

use panel_testkit::{Client, TestApp, factory};
use serde_json::{Value, json};

const SNIPPETS: &str = "/api/client/account/command-snippets";

fn snippet(name: &str, eggs: Value) -> Value {
    json!({ "name": name, "command": "save-all", "eggs": eggs })
}

async fn names_for(browser: &Client, egg: &str) -> Vec<String> {
    let path = format!("/api/client/servers/eggs/{egg}/command-snippets");
    let found = browser.get(&path).await.ok();
    let found = found["command_snippets"].as_array().unwrap();
    let name = |snippet: &Value| snippet["name"].as_str().unwrap().to_owned();
    found.iter().map(name).collect()
}

#[tokio::test]
async fn a_snippet_from_being_made_to_being_deleted() {
    let app = TestApp::start().await;
    let browser = app.user("writer").await;
    let [one, other] = [factory::egg(&app).await, factory::egg(&app).await];
    let made = browser
        .post(SNIPPETS, snippet("of one", json!([one.id, one.id])))
        .await
        .ok();
    assert_eq!(made["command_snippet"]["eggs"], json!([one.id]));
    browser
        .post(SNIPPETS, snippet("of all", json!([])))
        .await
        .ok();
    let (one, other) = (one.id.to_string(), other.id.to_string());
    assert_eq!(names_for(&browser, &one).await, ["of all", "of one"]);
    assert_eq!(names_for(&browser, &other).await, ["of all"]);

    let path = format!(
        "{SNIPPETS}/{}",
        made["command_snippet"]["uuid"].as_str().unwrap()
    );
    let copy = format!("{path}/duplicate");
    let taken = browser.post(&copy, json!({ "name": "of all" })).await;
    taken.expect_error(409, "taken").expect_fields(&["name"]);
    let copied = browser.post(&copy, json!({ "name": "copy" })).await.ok();
    assert_eq!(copied["command_snippet"]["eggs"], json!([one]));
    let change = json!({ "name": "moved", "eggs": [other], "command": "stop" });
    browser.patch(&path, change).await.ok();
    assert_eq!(names_for(&browser, &one).await, ["copy", "of all"]);
    assert_eq!(names_for(&browser, &other).await, ["moved", "of all"]);
    let listed = browser.get(&format!("{SNIPPETS}?search=MOV")).await.ok();
    assert_eq!(listed["command_snippets"]["total"], 1);
    assert_eq!(listed["command_snippets"]["data"][0]["command"], "stop");

    let stranger = app.user("stranger").await;
    assert!(names_for(&stranger, &one).await.is_empty());
    for answer in [
        stranger.delete(&path).await,
        stranger.patch(&path, json!({ "name": "mine" })).await,
        stranger.post(&copy, json!({ "name": "mine" })).await,
    ] {
        answer.expect_error(404, "command_snippet_not_found");
    }
    browser.delete(&path).await.ok();
    let answer = browser.delete(&path).await;
    answer.expect_error(404, "command_snippet_not_found");
}

/// It was for one egg, and does not become one for all when that is gone.
#[tokio::test]
async fn a_snippet_outlives_its_egg_without_spreading() {
    let app = TestApp::start().await;
    let browser = app.user("writer").await;
    let [egg, other] = [factory::egg(&app).await, factory::egg(&app).await];
    browser
        .post(SNIPPETS, snippet("of one", json!([egg.id])))
        .await
        .ok();
    let path = format!("/api/admin/nests/{}/eggs/{}", egg.nest, egg.id);
    app.admin().await.delete(&path).await.ok();
    assert!(names_for(&browser, &other.id.to_string()).await.is_empty());
    let listed = browser.get(SNIPPETS).await.ok();
    let left = &listed["command_snippets"]["data"][0];
    assert_eq!(
        (&left["all_eggs"], &left["eggs"]),
        (&json!(false), &json!([]))
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_snippet_is_said() {
    let app = TestApp::start().await;
    let browser = app.user("writer").await;
    let wrong = json!({ "name": "", "command": "a\nb", "eggs": vec![uuid(1); 101] });
    let answer = browser.post(SNIPPETS, wrong).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["name", "command", "eggs"]);
    let answer = browser
        .post(SNIPPETS, snippet("of none", json!([uuid(1)])))
        .await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["eggs"]);
    assert_eq!(
        browser.get(SNIPPETS).await.ok()["command_snippets"]["total"],
        0
    );
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
