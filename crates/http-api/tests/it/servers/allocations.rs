//! The addresses of a server.

use panel_testkit::factory;
use serde_json::json;

use super::Stage;

#[tokio::test]
async fn users_take_addresses_up_to_their_limit() {
    let stage = Stage::set().await;
    let taken = stage
        .owner
        .post(&stage.path("/allocations"), json!({}))
        .await
        .ok();
    assert_eq!(taken["allocation"]["port"], 25_566);
    assert_eq!(taken["allocation"]["is_primary"], false);
    for _ in 0..3 {
        stage
            .owner
            .post(&stage.path("/allocations"), json!({}))
            .await
            .ok();
    }
    stage
        .owner
        .post(&stage.path("/allocations"), json!({}))
        .await
        .expect_error(409, "allocation_limit_reached");
    let list = stage
        .owner
        .get(&stage.path("/allocations?search=25566"))
        .await
        .ok();
    assert_eq!(list["allocations"]["total"], 1);
    let list = stage.owner.get(&stage.path("/allocations")).await.ok();
    assert_eq!(list["allocations"]["total"], 5);
}

#[tokio::test]
async fn the_limit_holds_for_many_at_once() {
    let stage = Stage::set().await;
    let path = stage.path("/allocations");
    let asked = (0..8).map(|_| stage.owner.post(&path, json!({})));
    let answers = futures_util::future::join_all(asked).await;
    let given = answers.iter().filter(|answer| answer.is_success()).count();
    assert_eq!(given, 4);
    let list = stage.owner.get(&path).await.ok();
    assert_eq!(list["allocations"]["total"], 5);
}

#[tokio::test]
async fn notes_primary_and_giving_back() {
    let stage = Stage::set().await;
    let taken = stage
        .owner
        .post(&stage.path("/allocations"), json!({}))
        .await
        .ok();
    let second = taken["allocation"]["uuid"].as_str().unwrap().to_owned();
    let second = stage.path(&format!("/allocations/{second}"));
    let first = stage.path(&format!("/allocations/{}", stage.server.allocation));
    stage
        .owner
        .delete(&first)
        .await
        .expect_error(409, "allocation_is_primary");
    stage
        .owner
        .patch(&second, json!({ "notes": "voice", "primary": true }))
        .await
        .ok();
    let shown = stage.shown().await;
    assert_eq!(shown["allocation"]["port"], 25_566);
    assert_eq!(shown["allocation"]["notes"], "voice");
    stage.owner.delete(&first).await.ok();
    stage
        .owner
        .delete(&first)
        .await
        .expect_error(404, "allocation_not_found");
    assert_eq!(
        stage.log().await,
        [
            "server:allocation.delete",
            "server:allocation.primary",
            "server:allocation.create"
        ]
    );
}

#[tokio::test]
async fn addresses_of_other_servers_are_not_found() {
    let stage = Stage::set().await;
    let other = factory::server_on(
        &stage.app,
        stage.owner.user_id(),
        &stage.server.node,
        stage.sim.allocations()[5],
    )
    .await;
    let path = stage.path(&format!("/allocations/{}", other.allocation));
    stage
        .owner
        .patch(&path, json!({ "notes": "mine" }))
        .await
        .expect_error(404, "allocation_not_found");
    stage
        .owner
        .delete(&path)
        .await
        .expect_error(404, "allocation_not_found");
}

#[tokio::test]
async fn administrators_give_and_take_any_address_of_the_node() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    let free = stage.sim.allocations()[3];
    let path = stage.admin_path("/allocations");
    let given = admin
        .post(&path, json!({ "allocation_uuid": free }))
        .await
        .ok();
    assert_eq!(given["allocation"]["port"], 25_568);
    admin
        .post(&path, json!({ "allocation_uuid": free }))
        .await
        .expect_error(409, "taken")
        .expect_fields(&["allocation_uuid"]);
    let elsewhere = factory::server(&stage.app, stage.owner.user_id()).await;
    let foreign = factory::allocations(&stage.app, elsewhere.node.id, 30_000..=30_000).await;
    admin
        .post(&path, json!({ "allocation_uuid": foreign[0] }))
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["allocation_uuid"]);

    let list = admin.get(&path).await.ok();
    assert_eq!(list["allocations"]["total"], 2);
    let primary = format!("{path}/{}", stage.server.allocation);
    admin
        .patch(&primary, json!({ "notes": "first" }))
        .await
        .ok();
    admin.delete(&primary).await.ok();
    let shown = stage.shown().await;
    assert_eq!(shown["allocation"], serde_json::Value::Null);
    let holder = stage.app.holder(&["servers.read"], &[]).await;
    holder
        .get(&path)
        .await
        .expect_error(403, "permission_denied");
}
