//! Groups that users arrange their servers in.

use panel_testkit::factory::{self, Server};
use panel_testkit::{Client, TestApp};
use serde_json::{Value, json};

const GROUPS: &str = "/api/client/servers/groups";

async fn make(browser: &Client, name: &str, servers: &[&Server]) -> String {
    let ids: Vec<String> = servers.iter().map(|server| server.id.to_string()).collect();
    let body = json!({ "name": name, "server_order": ids });
    let made = browser.post(GROUPS, body).await.ok();
    made["server_group"]["uuid"].as_str().unwrap().to_owned()
}

/// The names of the groups in their order, each with its servers.
async fn listed(browser: &Client) -> Vec<(String, Vec<Value>)> {
    let found = browser.get(GROUPS).await.ok();
    let groups = found["server_groups"].as_array().unwrap();
    let group = |group: &Value| {
        (
            group["name"].as_str().unwrap().to_owned(),
            group["server_order"].as_array().unwrap().clone(),
        )
    };
    groups.iter().map(group).collect()
}

async fn names_of(browser: &Client, group: &str, query: &str) -> (Value, Vec<Value>) {
    let found = browser.get(&format!("{GROUPS}/{group}?{query}")).await.ok();
    let data = found["servers"]["data"].as_array().unwrap();
    let names = data.iter().map(|server| server["uuid"].clone()).collect();
    (found["servers"]["total"].clone(), names)
}

#[tokio::test]
async fn a_group_from_being_made_to_being_deleted() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "arranger").await;
    let browser = app.sign_in(&user).await;
    let one = factory::server(&app, user.id).await;
    let other = factory::server(&app, user.id).await;
    let (first, second) = (json!(one.id), json!(other.id));
    let games = make(&browser, "Games", &[&other, &one, &other]).await;
    let empty = make(&browser, "Empty", &[]).await;
    assert_eq!(
        listed(&browser).await,
        [
            ("Games".to_owned(), vec![second.clone(), first.clone()]),
            ("Empty".to_owned(), vec![])
        ]
    );
    let found = names_of(&browser, &games, "per_page=1&page=2").await;
    assert_eq!(found, (json!(2), vec![first.clone()]));
    let found = names_of(&browser, &games, "search=nothing-is-called-so").await;
    assert_eq!(found, (json!(0), vec![]));

    let order = json!({ "server_group_order": [empty, other.id] });
    browser.put(&format!("{GROUPS}/order"), order).await.ok();
    let names: Vec<String> = listed(&browser).await.into_iter().map(|g| g.0).collect();
    assert_eq!(names, ["Empty", "Games"]);

    let path = format!("{GROUPS}/{games}");
    let change = json!({ "name": "Work", "server_order": [one.id] });
    browser.patch(&path, change).await.ok();
    assert_eq!(listed(&browser).await[1], ("Work".to_owned(), vec![first]));
    browser.patch(&path, json!({ "name": "Play" })).await.ok();
    assert_eq!(listed(&browser).await[1].1.len(), 1);

    let stranger = app.user("stranger").await;
    for answer in [
        stranger.get(&path).await,
        stranger.patch(&path, json!({ "name": "Mine" })).await,
        stranger.delete(&path).await,
    ] {
        answer.expect_status(404);
    }
    browser.delete(&path).await.ok();
    browser.delete(&path).await.expect_status(404);
    assert_eq!(listed(&browser).await.len(), 1);
}

#[tokio::test]
async fn a_group_holds_what_its_user_sees() {
    let app = TestApp::start().await;
    let owner = factory::user(&app, "owner").await;
    let guest = factory::user(&app, "guest").await;
    let server = factory::server(&app, owner.id).await;
    let browser = app.sign_in(&guest).await;
    let body = json!({ "name": "Theirs", "server_order": [server.id] });
    let refused = browser.post(GROUPS, &body).await;
    refused
        .expect_error(400, "invalid_input")
        .expect_fields(&["server_order"]);
    factory::subuser(&app, server.id, guest.id, &[]).await;
    let group = make(&browser, "Theirs", &[&server]).await;
    assert_eq!(names_of(&browser, &group, "").await.0, 1);
    // Whoever takes the share back takes the server out of sight.
    let database = app.database().connect().await;
    database.execute("DELETE FROM subusers", &[]).await.unwrap();
    assert_eq!(listed(&browser).await, [("Theirs".to_owned(), vec![])]);
    assert_eq!(names_of(&browser, &group, "").await, (json!(0), vec![]));
}

#[tokio::test]
async fn there_are_limits() {
    let app = TestApp::start().await;
    let browser = app.user("collector").await;
    for bad in ["x", "", &"x".repeat(32)] {
        let body = json!({ "name": bad, "server_order": [] });
        let refused = browser.post(GROUPS, body).await;
        refused
            .expect_error(400, "invalid_input")
            .expect_fields(&["name"]);
    }
    for number in 0..25 {
        make(&browser, &format!("Group {number}"), &[]).await;
    }
    let body = json!({ "name": "One more", "server_order": [] });
    let refused = browser.post(GROUPS, body).await;
    refused.expect_error(409, "too_many_server_groups");
    let many: Vec<String> = (0..101)
        .map(|_| panel_domain::id::ServerId::new_v4().to_string())
        .collect();
    let body = json!({ "name": "Too long", "server_order": many });
    let refused = browser.post(GROUPS, body).await;
    refused
        .expect_error(400, "invalid_input")
        .expect_fields(&["server_order"]);
}
