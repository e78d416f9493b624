//! Power, commands, the console's token, what a server uses.

use panel_testkit::factory;
use serde_json::json;
use wings_client::wire::server::ServerState;
use wings_sim::{Effect, Fault};

use super::Stage;

fn effects(stage: &Stage) -> Vec<Effect> {
    stage
        .sim
        .ledger()
        .into_iter()
        .map(|entry| entry.effect)
        .filter(|effect| *effect != Effect::Synced)
        .collect()
}

#[tokio::test]
async fn a_server_is_started_and_told_something() {
    let stage = Stage::set().await;
    let id = stage.server.id.uuid();
    stage
        .owner
        .post(&stage.path("/command"), json!({ "command": "list" }))
        .await
        .expect_error(409, "server_offline");
    stage
        .owner
        .post(&stage.path("/power"), json!({ "action": "start" }))
        .await
        .ok();
    stage
        .sim
        .wait_for_state(id, ServerState::Starting)
        .await
        .unwrap();
    assert!(stage.sim.advance(id).await);
    stage
        .owner
        .post(&stage.path("/command"), json!({ "command": "list" }))
        .await
        .ok();
    let log = stage.owner.get(&stage.path("/logs?lines=100")).await;
    assert!(log.is_success(), "{}", log.describe());
    assert!(log.text().contains("list"), "{}", log.text());
    let admin = stage.app.admin().await;
    let same = admin.get(&stage.admin_path("/logs?lines=100")).await;
    // The program may have written more by now.
    let (same, log) = (same.text(), log.text());
    assert!(
        same.starts_with(log),
        "{log} is not how this begins: {same}"
    );
    assert_eq!(effects(&stage), [Effect::PowerStart, Effect::Command]);
    assert_eq!(
        stage.log().await,
        [
            "server:console.command",
            "server:power.start",
            "server:console.command"
        ],
        "what was asked for is told, whatever came of it"
    );

    let usage = stage.owner.get(&stage.path("/resources")).await.ok();
    assert_eq!(usage["resources"]["cpu_limit_absolute"], 100);
    assert_eq!(
        usage["resources"]["memory_limit_bytes"],
        1024 * 1024 * 1024_i64
    );
    let node = stage.server.node.id;
    let all = stage
        .owner
        .get(&format!("/api/client/servers/nodes/{node}/resources"))
        .await
        .ok();
    assert_eq!(usage["resources"]["state"], "running");
    assert_eq!(all["resources"][id.to_string()]["state"], "running");
    let stranger = stage.app.user("stranger").await;
    stranger
        .get(&format!("/api/client/servers/nodes/{node}/resources"))
        .await
        .expect_error(404, "node_not_found");
}

#[tokio::test]
async fn a_command_is_one_line() {
    let stage = Stage::set().await;
    stage
        .owner
        .post(&stage.path("/command"), json!({ "command": "say a\nstop" }))
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["command"]);
    assert_eq!(effects(&stage), []);
}

#[tokio::test]
async fn each_power_action_has_its_permission() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["control.start"],
    )
    .await;
    for action in ["stop", "restart", "kill"] {
        friend
            .post(&stage.path("/power"), json!({ "action": action }))
            .await
            .expect_error(403, "permission_denied");
    }
    friend
        .post(&stage.path("/power"), json!({ "action": "start" }))
        .await
        .ok();
    friend
        .post(&stage.path("/command"), json!({ "command": "list" }))
        .await
        .expect_error(403, "permission_denied");
    assert_eq!(effects(&stage), [Effect::PowerStart]);
}

#[tokio::test]
async fn a_server_that_is_busy_is_not_started() {
    let stage = Stage::set().await;
    stage.put_status(Some("installing")).await;
    stage
        .owner
        .post(&stage.path("/power"), json!({ "action": "start" }))
        .await
        .expect_error(409, "server_installing");
    stage.put_status(None).await;
    let admin = stage.app.admin().await;
    admin
        .patch(&stage.admin_path(""), json!({ "suspended": true }))
        .await
        .ok();
    stage
        .owner
        .post(&stage.path("/power"), json!({ "action": "start" }))
        .await
        .expect_error(409, "server_suspended");
    assert!(
        stage
            .owner
            .get(&stage.path("/websocket"))
            .await
            .is_success()
    );
    assert_eq!(effects(&stage), []);
}

#[tokio::test]
async fn power_is_asked_for_once() {
    let stage = Stage::set().await;
    stage
        .sim
        .fail_next_of("POST", "/power", Fault::AfterEffectDrop);
    stage
        .owner
        .post(&stage.path("/power"), json!({ "action": "start" }))
        .await
        .expect_error(503, "node_unreachable");
    stage.app.run_jobs().await;
    assert_eq!(effects(&stage), [Effect::PowerStart]);
    assert_eq!(stage.log().await, ["server:power.start"]);
}

#[tokio::test]
async fn a_node_that_is_away_is_said_to_be() {
    let stage = Stage::set().await;
    stage.sim.kill().await;
    for answer in [
        stage
            .owner
            .post(&stage.path("/power"), json!({ "action": "start" }))
            .await,
        stage.owner.get(&stage.path("/resources")).await,
        stage.owner.get(&stage.path("/logs?lines=10")).await,
    ] {
        answer.expect_error(503, "node_unreachable");
    }
    assert!(stage.owner.get(&stage.path("")).await.is_success());
    assert!(stage.owner.get("/api/client/servers").await.is_success());
}

#[tokio::test]
async fn the_consoles_token_says_what_its_bearer_may() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["control.start"],
    )
    .await;
    let access = stage.owner.get(&stage.path("/websocket")).await.ok();
    let url = access["url"].as_str().unwrap();
    assert!(url.starts_with("ws://127.0.0.1:"), "{url}");
    assert!(url.ends_with(&format!("/api/servers/{}/ws", stage.server.id)));
    let claims = claims(access["token"].as_str().unwrap());
    assert_eq!(claims["use_console_read_permission"], true);
    let permissions = super::names_of(&claims["permissions"]);
    assert!(permissions.contains(&"control.read-console".to_owned()));
    assert!(permissions.contains(&"admin.websocket.install".to_owned()));
    assert!(!permissions.contains(&"*".to_owned()));

    let access = friend.get(&stage.path("/websocket")).await.ok();
    let claims = self::claims(access["token"].as_str().unwrap());
    let permissions = super::names_of(&claims["permissions"]);
    assert_eq!(
        permissions,
        ["websocket.connect", "meta.calagopus", "control.start"]
    );
    assert_eq!(claims["user_uuid"], friend.user_id().to_string());
    assert_eq!(claims["server_uuid"], stage.server.id.to_string());
}

/// Files can be opened on the socket of the newest daemons.
#[tokio::test]
async fn the_consoles_token_says_which_files_are_hidden() {
    for (flavour, friends, owners) in [
        ("calagopus", json!(["/config/secret.yml"]), json!([])),
        ("pelican", json!(null), json!(null)),
    ] {
        let stage = Stage::set().await;
        factory::set_flavour(&stage.app, stage.sim.node(), flavour).await;
        let friend = stage.app.user("friend").await;
        let (server, user) = (stage.server.id, friend.user_id());
        let permissions = ["control.read-console", "files.read-content"];
        factory::subuser(&stage.app, server, user, &permissions).await;
        let path = stage.path(&format!("/subusers/{user}"));
        let change = json!({ "ignored_files": ["/config/secret.yml"] });
        stage.owner.patch(&path, change).await.ok();
        for (client, hidden) in [(&friend, friends), (&stage.owner, owners)] {
            let access = client.get(&stage.path("/websocket")).await.ok();
            let claims = claims(access["token"].as_str().unwrap());
            assert_eq!(claims["ignored_files"], hidden, "{flavour}");
        }
    }
}

pub(super) fn claims(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let body = token.split('.').nth(1).unwrap();
    let body = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(body)
        .unwrap();
    serde_json::from_slice(&body).unwrap()
}
