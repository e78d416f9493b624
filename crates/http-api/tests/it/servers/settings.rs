//! What users set of their servers, and how they start.

use panel_testkit::factory;
use serde_json::json;
use wings_sim::Effect;

use super::{Stage, names};

#[tokio::test]
async fn settings_are_kept_and_the_node_is_told() {
    let stage = Stage::set().await;
    let changes = [
        (
            "/settings/rename",
            json!({ "name": "Survival", "description": "For friends" }),
        ),
        (
            "/settings/auto-kill",
            json!({ "enabled": true, "seconds": 60 }),
        ),
        ("/settings/auto-start", json!({ "behavior": "always" })),
        ("/settings/timezone", json!({ "timezone": "Europe/Berlin" })),
    ];
    for (path, body) in changes {
        let answer = if path == "/settings/rename" {
            stage.owner.post(&stage.path(path), body).await
        } else {
            stage.owner.put(&stage.path(path), body).await
        };
        assert_eq!(answer.ok(), json!({}));
    }
    let shown = stage.shown().await;
    assert_eq!(shown["name"], "Survival");
    assert_eq!(shown["description"], "For friends");
    assert_eq!(
        shown["auto_kill"],
        json!({ "enabled": true, "seconds": 60 })
    );
    assert_eq!(shown["auto_start_behavior"], "always");
    assert_eq!(shown["timezone"], "Europe/Berlin");
    assert_eq!(
        stage.log().await,
        [
            "server:settings.timezone",
            "server:settings.auto-start",
            "server:settings.auto-kill",
            "server:settings.rename"
        ]
    );
    assert_eq!(stage.app.run_jobs().await, 1, "one sync for all of them");
    let synced = stage
        .sim
        .ledger()
        .iter()
        .any(|e| e.effect == Effect::Synced);
    assert!(synced, "{:?}", stage.sim.ledger());

    stage
        .owner
        .put(
            &stage.path("/settings/auto-kill"),
            json!({ "enabled": false }),
        )
        .await
        .ok();
    let shown = stage.shown().await;
    assert_eq!(
        shown["auto_kill"],
        json!({ "enabled": false, "seconds": 60 }),
        "seconds that are not given stay"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field() {
    let stage = Stage::set().await;
    stage
        .owner
        .post(
            &stage.path("/settings/rename"),
            json!({ "name": "two\nlines", "description": "x".repeat(2000) }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["name", "description"]);
    stage
        .owner
        .put(
            &stage.path("/settings/auto-kill"),
            json!({ "enabled": true, "seconds": 0 }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["seconds"]);
    stage
        .owner
        .put(
            &stage.path("/settings/timezone"),
            json!({ "timezone": "../etc" }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["timezone"]);
    stage
        .owner
        .put(
            &stage.path("/startup/command"),
            json!({ "command": "rm -rf /" }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["command"]);
    stage
        .owner
        .put(
            &stage.path("/startup/docker-image"),
            json!({ "image": "example.com/mine" }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["image"]);
    stage.app.assert_no_jobs().await;
}

#[tokio::test]
async fn the_egg_decides_on_command_image_and_variables() {
    let stage = Stage::set().await;
    let shown = stage.shown().await;
    let images = shown["egg"]["docker_images"].as_object().unwrap();
    let image = images.values().nth(1).unwrap();
    stage
        .owner
        .put(
            &stage.path("/startup/docker-image"),
            json!({ "image": image }),
        )
        .await
        .ok();
    stage
        .owner
        .put(
            &stage.path("/startup/command"),
            json!({ "command": stage.server.egg.startup }),
        )
        .await
        .ok();
    assert_eq!(stage.shown().await["image"], *image);

    let variables = stage
        .owner
        .get(&stage.path("/startup/variables"))
        .await
        .ok();
    assert_eq!(
        names(&variables["variables"], "env_variable"),
        ["START_COMMAND", "DOWNLOAD_URL", "DOWNLOAD_SHA256"]
    );
    assert_eq!(variables["variables"][0]["value"], "sh ./start.sh");
    stage
        .owner
        .put(
            &stage.path("/startup/variables"),
            json!({ "variables": [{ "env_variable": "START_COMMAND", "value": "./run" }] }),
        )
        .await
        .ok();
    let variables = stage
        .owner
        .get(&stage.path("/startup/variables"))
        .await
        .ok();
    assert_eq!(variables["variables"][0]["value"], "./run");
    stage
        .owner
        .put(
            &stage.path("/startup/variables"),
            json!({ "variables": [
                { "env_variable": "START_COMMAND", "value": "" },
                { "env_variable": "DOWNLOAD_SHA256", "value": "abc" },
                { "env_variable": "OTHER", "value": "1" },
            ] }),
        )
        .await
        .expect_status(400)
        .expect_fields(&[
            "variables.OTHER",
            "variables.START_COMMAND",
            "variables.DOWNLOAD_SHA256",
        ]);
    assert_eq!(
        stage.log().await,
        [
            "server:startup.edit",
            "server:startup.command",
            "server:startup.image"
        ]
    );
}

#[tokio::test]
async fn each_setting_has_its_permission() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["control.start"],
    )
    .await;
    let answers = [
        friend
            .post(&stage.path("/settings/rename"), json!({ "name": "x" }))
            .await,
        friend
            .put(
                &stage.path("/settings/auto-kill"),
                json!({ "enabled": true }),
            )
            .await,
        friend
            .put(
                &stage.path("/settings/auto-start"),
                json!({ "behavior": "never" }),
            )
            .await,
        friend
            .put(
                &stage.path("/settings/timezone"),
                json!({ "timezone": null }),
            )
            .await,
        friend
            .put(&stage.path("/startup/command"), json!({ "command": "x" }))
            .await,
        friend
            .put(
                &stage.path("/startup/docker-image"),
                json!({ "image": "x" }),
            )
            .await,
        friend.get(&stage.path("/startup/variables")).await,
        friend
            .put(
                &stage.path("/startup/variables"),
                json!({ "variables": [] }),
            )
            .await,
        friend.get(&stage.path("/activity")).await,
        friend.get(&stage.path("/logs?lines=1")).await,
    ];
    for answer in answers {
        answer.expect_error(403, "permission_denied");
    }
    assert_eq!(stage.log().await, Vec::<String>::new());
}
