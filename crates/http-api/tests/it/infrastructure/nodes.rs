//! Nodes.

use panel_domain::id::{LocationId, NodeId};
use panel_testkit::{Sim, TestApp, factory};
use serde_json::{Value, json};
use wings_client::wire::config::NodeConfig;
use wings_sim::Dialect;

fn described(location: LocationId, name: &str, url: &str) -> Value {
    json!({
        "location_uuid": location, "name": name, "description": null, "deployment_enabled": true,
        "maintenance_enabled": false, "url": url, "public_url": null, "sftp_host": null, "sftp_port": 2022,
        "memory": 65_536, "disk": 0,
    })
}

#[tokio::test]
async fn a_node_lives() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let location = factory::location(&app).await;
    let body = described(location, "node-1", "https://node.example.com:8443");
    let made = admin.post("/api/admin/nodes", body).await.ok();
    assert_eq!(made["node"]["location"]["uuid"], json!(location));
    assert!(made.to_string().find("token").is_none(), "{made}");
    let path = format!(
        "/api/admin/nodes/{}",
        made["node"]["uuid"].as_str().unwrap()
    );
    assert_eq!(admin.get(&path).await.ok(), made);

    let change = json!({ "maintenance_enabled": true, "public_url": "https://play.example.com" });
    admin.patch(&path, change).await.ok();
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["node"]["maintenance_enabled"], true);
    assert_eq!(shown["node"]["public_url"], "https://play.example.com");
    assert_eq!(shown["node"]["name"], "node-1");

    let copy = format!("{path}/duplicate");
    let copied = admin.post(&copy, json!({ "name": "node-2" })).await.ok();
    assert_eq!(copied["node"]["url"], "https://node.example.com:8443");
    let tokens = [
        admin.get(&format!("{path}/token")).await.ok(),
        admin
            .get(&format!(
                "/api/admin/nodes/{}/token",
                copied["node"]["uuid"].as_str().unwrap()
            ))
            .await
            .ok(),
    ];
    assert_ne!(tokens[0]["token"], tokens[1]["token"], "each has its own");
    let found = admin.get("/api/admin/nodes?search=node-2").await.ok();
    assert_eq!(found["nodes"]["total"], 1);

    admin.delete(&path).await.ok();
    admin.get(&path).await.expect_error(404, "node_not_found");
}

#[tokio::test]
async fn what_is_wrong_with_a_node_is_told() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut body = described(LocationId::new_v4(), "", "ftp://node");
    body["memory"] = json!(-1);
    let answer = admin.post("/api/admin/nodes", body).await;
    answer.expect_error(400, "invalid_input").expect_fields(&[
        "name",
        "url",
        "memory",
        "location_uuid",
    ]);
    let node = factory::node(&app).await;
    let path = format!("/api/admin/nodes/{}", node.id);
    let answer = admin.patch(&path, json!({ "sftp_host": "a:22" })).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["sftp_host"]);
    let answer = admin
        .patch(&path, json!({ "location_uuid": LocationId::new_v4() }))
        .await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["location_uuid"]);

    let other = factory::node(&app).await;
    let name = admin
        .get(&format!("/api/admin/nodes/{}", other.id))
        .await
        .ok()["node"]["name"]
        .clone();
    let answer = admin.patch(&path, json!({ "name": name })).await;
    answer.expect_error(409, "taken").expect_fields(&["name"]);
    let nobody = format!("/api/admin/nodes/{}", NodeId::new_v4());
    let answer = admin.patch(&nobody, json!({ "name": "x" })).await;
    answer.expect_error(404, "node_not_found");
}

#[tokio::test]
async fn the_configuration_is_what_a_daemon_boots_with() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let location = factory::location(&app).await;
    for (name, url, port) in [
        ("direct", "http://node.example.com:8081", 8081),
        ("behind-a-proxy", "https://node.example.com", 8080),
    ] {
        let made = admin
            .post("/api/admin/nodes", described(location, name, url))
            .await
            .ok();
        let path = format!(
            "/api/admin/nodes/{}",
            made["node"]["uuid"].as_str().unwrap()
        );
        let shown = admin.get(&format!("{path}/configuration")).await.ok();
        let config = NodeConfig::from_yaml(shown["yaml"].as_str().unwrap()).unwrap();
        assert_eq!(json!(config.uuid), made["node"]["uuid"]);
        assert_eq!(config.api.port, port);
        assert_eq!(config.system.sftp.bind_port, 2022);
        assert_eq!(config.remote, app.url().as_str().trim_end_matches('/'));
        let token = admin.get(&format!("{path}/token")).await.ok();
        assert_eq!(
            token,
            json!({ "token_id": config.token_id, "token": config.token })
        );
    }
}

#[tokio::test]
async fn an_old_token_no_longer_lets_a_daemon_in() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = factory::node(&app).await;
    let daemon = app.node_client(&node);
    let asked = "/api/remote/servers?page=0&per_page=50";
    daemon.get(asked).await.ok();
    let path = format!("/api/admin/nodes/{}/reset-token", node.id);
    let token = admin.post(&path, json!({})).await.ok();
    daemon.get(asked).await.expect_status(401);
    let bearer = format!(
        "{}.{}",
        token["token_id"].as_str().unwrap(),
        token["token"].as_str().unwrap()
    );
    let daemon = app
        .anonymous()
        .with_bearer(&bearer, panel_testkit::Principal::Node);
    daemon.get(asked).await.ok();
}

#[tokio::test]
async fn a_node_that_answers_says_what_it_is() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let sim = app.sim().await;
    let path = format!("/api/admin/nodes/{}", sim.node().id);
    let status = admin.get(&format!("{path}/status")).await.ok();
    assert_eq!(status["reachable"], true, "{status}");
    assert_eq!(status["flavour"], "calagopus");
    assert!(
        status["version"].is_string() && status["last_seen"].is_string(),
        "{status}"
    );
    assert_eq!(status["error"], json!(null));
    let overview = admin.get(&format!("{path}/system/overview")).await.ok();
    assert!(
        overview["memory"]["total_bytes"].as_u64().unwrap() > 0,
        "{overview}"
    );
    let stats = admin.get(&format!("{path}/system/stats")).await.ok();
    assert!(
        stats["stats"]["cpu"]["threads"].as_u64().unwrap() > 0,
        "{stats}"
    );
}

#[tokio::test]
async fn a_node_that_does_not_answer_says_why() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = factory::node(&app).await;
    let path = format!("/api/admin/nodes/{}", node.id);
    let status = admin.get(&format!("{path}/status")).await.ok();
    assert_eq!(status["reachable"], false);
    let error = status["error"].as_str().unwrap();
    assert!(error.contains("check that Wings runs"), "{error}");
    let overview = admin.get(&format!("{path}/system/overview")).await;
    overview.expect_error(503, "node_unreachable");
}

#[tokio::test]
async fn a_daemon_shows_its_configuration_and_its_logs() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let sim = Sim::start_with(&app, |options| {
        *options = options.clone().speaking(Dialect::CalagopusNext);
    })
    .await;
    let node = sim.node();
    let path = format!("/api/admin/nodes/{}", node.id);
    let shown = admin.get(&format!("{path}/config")).await.ok();
    assert_eq!(shown["config"]["uuid"], json!(node.id));
    assert_eq!(shown["config"]["token"], "********");
    let registry = &shown["config"]["docker"]["registries"]["registry.example.com"];
    assert_eq!(registry["password"], "********", "{shown}");

    let config = format!("{path}/config");
    let changed = admin.patch(&config, shown["config"].clone()).await.ok();
    assert_eq!(changed, json!({ "applied": true }));
    let many = json!({ "node_uuids": [node.id], "config": { "debug": true } });
    let changed = admin.patch("/api/admin/nodes/config", many).await.ok();
    assert_eq!(changed, json!({ "applied": 1 }));
    let nobody = json!({ "node_uuids": [NodeId::new_v4()], "config": {} });
    admin
        .patch("/api/admin/nodes/config", nobody)
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["node_uuids"]);
    admin
        .patch(&config, json!([]))
        .await
        .expect_error(400, "invalid_input");

    let logs = admin.get(&format!("{path}/system/logs")).await.ok();
    assert_eq!(logs["log_files"][0]["name"], "wings.log", "{logs}");
    assert_eq!(logs["log_files"][0]["compression_type"], "none");
    admin
        .get(&format!("{path}/system/logs/wings.log?lines=1"))
        .await
        .expect_status(200);
    admin
        .get(&format!("{path}/system/logs/other.log?lines=1"))
        .await
        .expect_error(404, "log_not_found");
}

#[tokio::test]
async fn a_daemon_in_go_does_not_show_its_configuration() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let sim = Sim::start_with(&app, |options| {
        *options = options.clone().speaking(Dialect::Pterodactyl);
    })
    .await;
    let path = format!("/api/admin/nodes/{}", sim.node().id);
    for asked in ["config", "system/logs"] {
        let answer = admin.get(&format!("{path}/{asked}")).await;
        answer.expect_error(409, "node_lacks_capability");
    }
}

#[tokio::test]
async fn servers_of_a_node_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let sim = app.sim().await;
    let owner = factory::user(&app, "owner").await;
    let ready = factory::server_on(&app, owner.id, sim.node(), sim.allocations()[0]).await;
    let busy = factory::server_on(&app, owner.id, sim.node(), sim.allocations()[1]).await;
    sim.restart().await.unwrap();
    factory::set_status(&app, &busy, Some("installing")).await;
    let path = format!("/api/admin/nodes/{}", sim.node().id);

    let servers = admin.get(&format!("{path}/servers")).await.ok();
    assert_eq!(servers["servers"]["total"], 2);
    let capacity = admin.get(&format!("{path}/capacity")).await.ok();
    assert_eq!(capacity["allocated"]["servers"], 2);
    assert_eq!(capacity["allocated"]["memory"], 2048);
    assert_eq!(capacity["limits"]["memory"], 65_536);

    let power = format!("{path}/servers/power");
    let start = json!({ "action": "start", "servers": { "type": "all" } });
    let reached = admin.post(&power, start).await.ok();
    assert_eq!(
        reached,
        json!({ "affected": 1 }),
        "the busy one is left alone"
    );
    let stranger =
        json!({ "action": "start", "servers": { "type": "uuids", "uuids": [NodeId::new_v4()] } });
    assert_eq!(admin.post(&power, stranger).await.ok()["affected"], 0);
    let log = admin
        .get(&format!("/api/client/servers/{}/activity", ready.id))
        .await
        .ok();
    assert_eq!(log["activities"]["data"][0]["event"], "server:power.start");

    let resources = admin.get(&format!("{path}/servers/resources")).await.ok();
    assert!(
        resources["resources"][ready.id.to_string()]["memory_bytes"].is_u64(),
        "{resources}"
    );

    admin
        .delete(&path)
        .await
        .expect_error(409, "node_has_servers");
}
