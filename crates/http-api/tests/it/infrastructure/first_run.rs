//! The setup, beyond the first account.

use panel_testkit::TestApp;
use serde_json::json;

/// The steps of the setup after the first account, as its pages take them.
#[tokio::test]
async fn the_setup_asks_for_what_is_missing() {
    let app = TestApp::builder().fresh().start().await;
    let token = panel_service::auth::setup::token(app.service()).await;
    let token = token.unwrap().unwrap().into_exposed();
    let browser = app.anonymous();
    let account = json!({
        "setup_token": token, "username": "first", "email": "first@example.com",
        "name_first": "First", "name_last": "Admin", "password": "correct horse battery",
    });
    browser.post("/api/setup", account).await.ok();
    let step = async || browser.get("/api/setup").await.ok()["step"].take();

    assert_eq!(step().await, "location");
    let made = browser
        .post("/api/admin/locations", json!({ "name": "Here" }))
        .await
        .ok();
    assert_eq!(step().await, "node");
    let node = json!({
        "location_uuid": made["location"]["uuid"], "name": "node-1", "deployment_enabled": true,
        "maintenance_enabled": false, "url": "http://127.0.0.1:9", "sftp_port": 2022, "memory": 0, "disk": 0,
    });
    let made = browser.post("/api/admin/nodes", node).await.ok();
    assert_eq!(step().await, "allocations");
    let path = format!(
        "/api/admin/nodes/{}/allocations",
        made["node"]["uuid"].as_str().unwrap()
    );
    browser
        .post(&path, json!({ "ip": "127.0.0.1", "ports": [25_565] }))
        .await
        .ok();
    assert_eq!(step().await, "eggs");
    let slugs = json!({ "slugs": ["generic-process"] });
    browser.post("/api/admin/eggs/starter", slugs).await.ok();
    assert_eq!(step().await, "server");
    browser.post("/api/setup/finish", json!({})).await.ok();
    assert_eq!(step().await, "finished");
}
