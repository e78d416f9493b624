//! Transfers that go as they should.

use panel_testkit::eventually;
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::{DIALECTS, Stage};

/// The line of 5.5 of the reference.
#[tokio::test]
async fn a_server_moves_with_its_files_and_addresses() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage.begin().await;
        stage.wait_at_destination().await;
        let shown = stage.shown().await;
        assert_eq!(shown["destination_node_uuid"], Value::Null);
        assert_eq!(
            shown["allocation"]["uuid"],
            stage.destination.allocations()[1].to_string(),
            "{dialect:?}"
        );
        assert!(stage.has(&stage.destination), "{dialect:?}");
        // The old copy stays for a while: the panel wants to see the new one first.
        assert!(stage.has(&stage.source), "{dialect:?}");
        stage.assert_moved(&format!("{dialect:?}")).await;
        assert_eq!(stage.count(&stage.source, Effect::TransferStarted), 1);
        assert_eq!(stage.count(&stage.source, Effect::Deleted), 1);
        assert_eq!(stage.count(&stage.destination, Effect::Deleted), 0);
        // What it listens at, its new daemon has read.
        let daemon = stage.app.node_client(stage.destination.node());
        let path = format!("/api/remote/servers/{}", stage.server.id);
        let document = daemon.get(&path).await.ok();
        assert_eq!(
            document["settings"]["allocations"]["default"]["port"],
            25_566
        );
        let log = format!("/api/client/servers/{}/activity", stage.server.id);
        let log = stage
            .owner
            .get(&format!("{log}?search=transfer"))
            .await
            .ok();
        assert_eq!(
            log["activities"]["data"][0]["event"],
            "server:transfer-complete"
        );
    }
}

/// On its way a server says where it goes, and cannot be used.
#[tokio::test]
async fn a_server_on_its_way_is_shown_as_such() {
    let stage = Stage::set(Dialect::CalagopusNext).await;
    stage
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    stage.begin().await;
    let destination = stage.destination.node().id.to_string();
    let shown = stage.shown().await;
    assert_eq!(shown["is_transferring"], true);
    assert_eq!(shown["destination_node_uuid"], destination);
    assert_eq!(shown["node"]["uuid"], stage.source.node().id.to_string());
    let power = format!("/api/client/servers/{}/power", stage.server.id);
    let refused = stage.owner.post(&power, json!({ "action": "start" })).await;
    refused.expect_error(409, "server_transferring");
    stage
        .admin
        .request(panel_testkit::Method::DELETE, &stage.path(""))
        .json(json!({ "force": true, "delete_backups": false }))
        .send()
        .await
        .expect_error(409, "server_transferring");
    // Its users see the address that it has, not the one that is kept for it.
    let addresses = format!("/api/client/servers/{}/allocations", stage.server.id);
    let addresses = stage.owner.get(&addresses).await.ok();
    assert_eq!(addresses["allocations"]["total"], 1, "{addresses}");
    for node in [stage.source.node(), stage.destination.node()] {
        let path = format!("/api/admin/nodes/{}/transfers", node.id);
        let transfers = stage.admin.get(&path).await.ok();
        let progress = &transfers["transfers"][stage.server.id.to_string()];
        assert!(progress["bytes_total"].is_u64(), "{transfers}");
        let servers = stage.admin.get(&format!("{path}/servers")).await.ok();
        assert_eq!(servers["servers"]["total"], 1);
        assert_eq!(
            servers["servers"]["data"][0]["uuid"],
            stage.server.id.to_string()
        );
        let none = format!("{path}/servers?search=nothing-of-the-kind");
        assert_eq!(stage.admin.get(&none).await.ok()["servers"]["total"], 0);
    }
    // A node that does not answer costs the list nothing but what it would have said.
    stage.source.pause();
    let path = format!("/api/admin/nodes/{}/transfers", stage.source.node().id);
    let transfers = stage.admin.get(&path).await.ok();
    assert_eq!(transfers["transfers"].as_object().unwrap().len(), 1);
    stage.source.resume();
}

/// 5.5 of the reference: backups on the node go along where the daemon sends them.
#[tokio::test]
async fn backups_go_along() {
    for dialect in [Dialect::Pelican, Dialect::Calagopus, Dialect::CalagopusNext] {
        let stage = Stage::set(dialect).await;
        let backups = format!("/api/client/servers/{}/backups", stage.server.id);
        let body = json!({ "name": "Before the move", "ignored_files": [] });
        let made = stage.owner.post(&backups, body).await.ok();
        let id = made["backup"]["uuid"].as_str().unwrap().to_owned();
        let one = format!("{backups}/{id}");
        let state = async || stage.owner.get(&one).await.ok()["backup"]["state"].take();
        let mut order = stage.order();
        order["backups"] = json!([id]);
        stage
            .admin
            .post(&stage.path("/transfer"), order.clone())
            .await
            .expect_status(400);
        eventually("the backup to be made", async || {
            stage.app.run_jobs().await;
            state().await == "successful"
        })
        .await;
        if dialect == Dialect::Pelican {
            // It would be deleted with the old copy.
            let alone = stage
                .admin
                .post(&stage.path("/transfer"), stage.order())
                .await;
            alone.expect_error(409, "backups_would_be_lost");
        }
        order["delete_source_backups"] = json!(true);
        let begun = stage.admin.post(&stage.path("/transfer"), order).await;
        begun.expect_status(202);
        stage.wait_at_destination().await;
        let there = (id.parse().unwrap(), stage.id());
        assert_eq!(stage.destination.backups(), [there], "{dialect:?}");
        assert_eq!(stage.source.backups(), [there], "not before it is certain");
        assert_eq!(state().await, "successful");
        stage.assert_moved(&format!("{dialect:?}")).await;
        assert!(stage.source.backups().is_empty(), "{dialect:?}");
        assert_eq!(stage.destination.backups(), [there], "{dialect:?}");
        stage
            .owner
            .post(&format!("{one}/restore"), json!({}))
            .await
            .ok();
        eventually("the backup to be put back", async || {
            stage.app.run_jobs().await;
            stage.shown().await["status"] == Value::Null
        })
        .await;
        assert_eq!(stage.count(&stage.destination, Effect::BackupRestored), 1);
    }
}

/// A server that has moved can be moved back, once nothing of it is left where it goes.
#[tokio::test]
async fn a_server_moves_there_and_back() {
    let stage = Stage::set(Dialect::Calagopus).await;
    stage.begin().await;
    stage.wait_at_destination().await;
    let back = super::order(
        stage.source.node().id,
        &[stage.source.allocations()[0].uuid()],
    );
    let transfer = stage.path("/transfer");
    let early = stage.admin.post(&transfer, back.clone()).await;
    early.expect_error(409, "server_copy_left");
    stage.settle().await;
    stage.admin.post(&transfer, back).await.expect_status(202);
    stage.wait_at_source().await;
    stage.settle().await;
    assert!(stage.has(&stage.source));
    assert!(!stage.has(&stage.destination));
}
