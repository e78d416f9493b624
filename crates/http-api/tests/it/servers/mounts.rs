//! Mounts, from an administrator to the container.

use panel_domain::id::MountId;
use panel_service::mounts::Holder;
use panel_testkit::factory;
use serde_json::{Value, json};

use super::{Stage, names};

/// What the daemon is told of the server's mounts.
async fn on_node(stage: &Stage) -> Value {
    let daemon = stage.app.node_client(stage.sim.node());
    let path = format!("/api/remote/servers/{}", stage.server.id);
    daemon.get(&path).await.ok()["settings"]["mounts"].take()
}

async fn offered(stage: &Stage, source: &str, to_users: bool) -> MountId {
    let holders = [
        Holder::Node(stage.server.node.id),
        Holder::Egg(stage.server.egg.id),
    ];
    factory::mount(&stage.app, source, to_users, &holders).await
}

#[tokio::test]
async fn a_mount_reaches_the_container() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    let mount = json!({
        "name": "Maps", "description": null, "source": "/srv/maps", "target": "/mnt/maps",
        "read_only": true, "user_mountable": true,
    });
    let made = admin.post("/api/admin/mounts", mount).await.ok();
    let id = made["mount"]["uuid"].as_str().unwrap().to_owned();
    let attach = json!({ "mount_uuid": id });
    let node = format!("/api/admin/nodes/{}/mounts", stage.server.node.id);
    let (nest, egg) = (stage.server.egg.nest, stage.server.egg.id);
    let egg = format!("/api/admin/nests/{nest}/eggs/{egg}/mounts");
    let list = stage.path("/mounts");
    for place in [&node, &egg] {
        assert_eq!(stage.owner.get(&list).await.ok()["mounts"]["total"], 0);
        stage
            .owner
            .post(&list, attach.clone())
            .await
            .expect_error(404, "mount_not_found");
        admin.post(place, attach.clone()).await.ok();
        let again = admin.post(place, attach.clone()).await;
        again.expect_error(409, "mount_attached");
    }
    let shown = stage.owner.get(&list).await.ok();
    assert_eq!(names(&shown["mounts"]["data"], "name"), ["Maps"]);
    assert_eq!(shown["mounts"]["data"][0]["created"], Value::Null);
    assert_eq!(
        shown["mounts"]["data"][0]["source"],
        Value::Null,
        "not theirs to know"
    );

    stage.owner.post(&list, attach.clone()).await.ok();
    let again = stage.owner.post(&list, attach.clone()).await;
    again.expect_error(409, "mount_attached");
    let shown = stage.owner.get(&list).await.ok();
    assert!(shown["mounts"]["data"][0]["created"].is_string());
    let expected = json!([{ "source": "/srv/maps", "target": "/mnt/maps", "read_only": true }]);
    assert_eq!(on_node(&stage).await, expected);

    let mount = format!("/api/admin/mounts/{id}");
    for (places, list, place, uuid) in [
        ("nodes", "node_mounts", "node", stage.server.node.id.uuid()),
        (
            "nest-eggs",
            "nest_egg_mounts",
            "nest_egg",
            stage.server.egg.id.uuid(),
        ),
        ("servers", "server_mounts", "server", stage.server.id.uuid()),
    ] {
        let shown = admin.get(&format!("{mount}/{places}")).await.ok();
        assert_eq!(shown[list]["total"], 1, "{places}");
        let shown = &shown[list]["data"][0];
        assert_eq!(shown[place]["uuid"], json!(uuid), "{places}");
        assert!(shown["created"].is_string(), "{places}");
        let other = format!("{mount}/{places}?search=nothing");
        assert_eq!(admin.get(&other).await.ok()[list]["total"], 0, "{places}");
    }
    admin.delete(&mount).await.expect_error(409, "mount_in_use");
    for place in [&node, &egg] {
        let gone = admin.delete(&format!("{place}/{id}")).await;
        gone.expect_error(409, "mount_in_use");
    }
    admin
        .patch(&mount, json!({ "read_only": false }))
        .await
        .ok();
    assert_eq!(on_node(&stage).await[0]["read_only"], false);
    stage.owner.delete(&format!("{list}/{id}")).await.ok();
    assert_eq!(on_node(&stage).await, json!([]));
    assert_eq!(
        stage.log().await,
        ["server:mount.detach", "server:mount.attach"]
    );
    admin.delete(&mount).await.ok();
}

#[tokio::test]
async fn users_choose_among_those_that_are_for_them() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    let kept = offered(&stage, "/srv/kept", false).await;
    let attach = json!({ "mount_uuid": kept });
    let list = stage.path("/mounts");
    assert_eq!(stage.owner.get(&list).await.ok()["mounts"]["total"], 0);
    let refused = stage.owner.post(&list, attach.clone()).await;
    refused.expect_error(404, "mount_not_found");
    let available = stage.admin_path("/mounts/available");
    assert_eq!(admin.get(&available).await.ok()["mounts"]["total"], 1);
    admin.post(&stage.admin_path("/mounts"), attach).await.ok();
    assert_eq!(on_node(&stage).await[0]["source"], "/srv/kept");
    let theirs = stage.owner.delete(&format!("{list}/{kept}")).await;
    theirs.expect_error(404, "mount_not_found");
    let path = stage.admin_path(&format!("/mounts/{kept}"));
    admin.delete(&path).await.ok();
    assert_eq!(on_node(&stage).await, json!([]));
}

/// What a server has takes effect only where its node and its egg have it.
#[tokio::test]
async fn a_mount_of_another_node_is_not_told() {
    let stage = Stage::set().await;
    let elsewhere = factory::node(&stage.app).await;
    let holders = [Holder::Node(elsewhere.id), Holder::Egg(stage.server.egg.id)];
    let mount = factory::mount(&stage.app, "/srv/elsewhere", true, &holders).await;
    factory::mounted(&stage.app, &stage.server, mount).await;
    assert_eq!(on_node(&stage).await, json!([]));
}

#[tokio::test]
async fn the_daemons_own_folders_are_no_mounts() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    for (source, target, field) in [
        ("/etc/pterodactyl", "/mnt", "source"),
        ("/srv/../etc", "/mnt", "source"),
        ("/srv/maps", "/home/container", "target"),
        ("/srv/maps", "mnt", "target"),
    ] {
        let mount = json!({
            "name": "Bad", "source": source, "target": target, "read_only": true,
            "user_mountable": true,
        });
        let refused = admin.post("/api/admin/mounts", mount).await;
        refused
            .expect_error(400, "invalid_input")
            .expect_fields(&[field]);
    }
    offered(&stage, "/srv/maps", true).await;
    let shown = admin.get("/api/admin/mounts").await.ok()["mounts"]["data"][0].take();
    let same = json!({
        "name": "Other", "source": shown["source"], "target": shown["target"],
        "read_only": true, "user_mountable": true,
    });
    let taken = admin.post("/api/admin/mounts", same).await;
    taken.expect_error(409, "taken").expect_fields(&["target"]);
}
