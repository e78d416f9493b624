//! Locations.

use panel_testkit::{TestApp, factory};
use serde_json::json;

#[tokio::test]
async fn a_location_lives() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({ "name": "Frankfurt", "description": "by the river", "flag": "de" });
    let made = admin.post("/api/admin/locations", body).await.ok();
    let path = format!(
        "/api/admin/locations/{}",
        made["location"]["uuid"].as_str().unwrap()
    );
    assert_eq!(admin.get(&path).await.ok(), made);

    let change = json!({ "name": "Falkenstein", "flag": null });
    admin.patch(&path, change).await.ok();
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["location"]["name"], "Falkenstein");
    assert_eq!(shown["location"]["flag"], json!(null));
    assert_eq!(shown["location"]["description"], "by the river");
    admin.patch(&path, json!({})).await.ok();

    let copy = format!("{path}/duplicate");
    let copied = admin.post(&copy, json!({ "name": "Nuremberg" })).await.ok();
    assert_eq!(copied["location"]["description"], "by the river");
    let found = admin.get("/api/admin/locations?search=NUREM").await.ok();
    assert_eq!(found["locations"]["total"], 1);

    admin.delete(&path).await.ok();
    admin
        .get(&path)
        .await
        .expect_error(404, "location_not_found");
    let log = admin.get("/api/admin/activity").await.ok();
    let events: Vec<_> = log["activities"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["event"].as_str())
        .filter(|event| event.starts_with("location:"))
        .collect();
    assert_eq!(
        events.len(),
        4,
        "made, changed, copied and deleted; nothing for no change: {events:?}"
    );
}

#[tokio::test]
async fn names_are_unique_and_everything_wrong_is_told() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({ "name": "Oslo" });
    admin.post("/api/admin/locations", &body).await.ok();
    let again = admin.post("/api/admin/locations", &body).await;
    again.expect_error(409, "taken").expect_fields(&["name"]);
    let wrong = json!({ "name": " ", "description": "", "flag": "deu" });
    let answer = admin.post("/api/admin/locations", wrong).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["name", "description", "flag"]);
    let unknown = json!({ "name": "Rome", "backup_configuration_uuid": uuid() });
    let answer = admin.post("/api/admin/locations", unknown).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["backup_configuration_uuid"]);
}

#[tokio::test]
async fn a_location_with_nodes_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = factory::node(&app).await;
    let path = format!("/api/admin/locations/{}", node.location);
    admin
        .delete(&path)
        .await
        .expect_error(409, "location_has_nodes");
    let nodes = admin.get(&format!("{path}/nodes")).await.ok();
    assert_eq!(nodes["nodes"]["total"], 1);
    assert_eq!(nodes["nodes"]["data"][0]["uuid"], json!(node.id));
}

fn uuid() -> String {
    panel_domain::id::LocationId::new_v4().to_string()
}
