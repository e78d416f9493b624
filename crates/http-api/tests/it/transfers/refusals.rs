//! Transfers that are not begun.

use panel_testkit::factory;
use serde_json::json;
use uuid::Uuid;
use wings_sim::Dialect;

use super::{Stage, order};

#[tokio::test]
async fn servers_move_between_nodes_with_the_same_daemon_only() {
    let stage = Stage::set_between(Dialect::Pterodactyl, Dialect::Pelican).await;
    let transfer = stage.path("/transfer");
    let refused = stage.admin.post(&transfer, stage.order()).await;
    refused.expect_error(409, "node_runs_other_daemon");
    let unknown = factory::node(&stage.app).await;
    let to_unknown = order(unknown.id, &[]);
    let refused = stage.admin.post(&transfer, to_unknown).await;
    refused.expect_error(409, "node_unknown");
    let itself = order(stage.source.node().id, &[]);
    let refused = stage.admin.post(&transfer, itself).await;
    refused.expect_error(409, "same_node");
    let mut nowhere = stage.order();
    nowhere["node_uuid"] = json!(Uuid::new_v4());
    let refused = stage.admin.post(&transfer, nowhere).await;
    refused.expect_fields(&["node_uuid"]);
    stage.assert_stayed("refused").await;
}

#[tokio::test]
async fn what_is_asked_for_must_make_sense() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let transfer = stage.path("/transfer");
    let with = |field: &str, value: serde_json::Value| {
        let mut order = stage.order();
        order[field] = value;
        order
    };
    let many: Vec<Uuid> = (0..501).map(|_| Uuid::new_v4()).collect();
    for (body, field) in [
        (with("multiplex_channels", json!(17)), "multiplex_channels"),
        (with("allocation_uuids", json!(many)), "allocation_uuids"),
        (with("backups", json!(many)), "backups"),
        (with("backups", json!([Uuid::new_v4()])), "backups"),
        (
            with("allocation_uuids", json!([stage.source.allocations()[3]])),
            "allocation_uuids",
        ),
        (with("archive_format", json!("zip")), "archive_format"),
    ] {
        let refused = stage.admin.post(&transfer, body).await;
        refused.expect_fields(&[field]);
    }
    // Only the newest daemons pack like this.
    let new = with("archive_format", json!("itaf_zstd"));
    let refused = stage.admin.post(&transfer, new).await;
    refused.expect_error(409, "node_lacks_capability");
    stage.assert_stayed("refused").await;
}

#[tokio::test]
async fn a_busy_server_stays() {
    for (status, code) in [
        ("installing", "server_installing"),
        ("restoring_backup", "server_restoring_backup"),
        ("install_failed", "server_install_failed"),
    ] {
        let stage = Stage::set(Dialect::Pelican).await;
        factory::set_status(&stage.app, &stage.server, Some(status)).await;
        let transfer = stage.path("/transfer");
        let refused = stage.admin.post(&transfer, stage.order()).await;
        refused.expect_error(409, code);
    }
    let stage = Stage::set(Dialect::Pelican).await;
    let transfer = stage.path("/transfer");
    let backups = format!("/api/client/servers/{}/backups", stage.server.id);
    let body = json!({ "name": "Now", "ignored_files": [] });
    stage.owner.post(&backups, body).await.ok();
    let refused = stage.admin.post(&transfer, stage.order()).await;
    refused.expect_error(409, "backup_in_progress");
    // On its way it is not sent a second time, and nothing else is done with it.
    stage.settle().await;
    let mut along = stage.order();
    along["delete_source_backups"] = json!(true);
    stage
        .admin
        .post(&transfer, along.clone())
        .await
        .expect_status(202);
    let again = stage.admin.post(&transfer, along).await;
    again.expect_error(409, "server_transferring");
    let body = json!({ "name": "Too late", "ignored_files": [] });
    let refused = stage.owner.post(&backups, body).await;
    refused.expect_error(409, "server_transferring");
}

/// Row R-21: of two that want the same port one gets it, and of the other nothing is kept.
#[tokio::test]
async fn r_21_two_servers_race_for_a_port() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let owner = stage.owner.user_id();
    let address = stage.source.allocations()[5];
    let rival = factory::server_on(&stage.app, owner, stage.source.node(), address).await;
    let paths = [
        stage.path("/transfer"),
        format!("/api/admin/servers/{}/transfer", rival.id),
    ];
    let extra = stage.destination.allocations();
    let orders = [
        order(
            stage.destination.node().id,
            &[extra[1].uuid(), extra[2].uuid()],
        ),
        order(
            stage.destination.node().id,
            &[extra[1].uuid(), extra[3].uuid()],
        ),
    ];
    let (one, other) = tokio::join!(
        stage.admin.post(&paths[0], orders[0].clone()),
        stage.admin.post(&paths[1], orders[1].clone()),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(
        statuses,
        [202, 409],
        "{} {}",
        one.describe(),
        other.describe()
    );
    let loser = if one.status == 409 { &one } else { &other };
    assert_eq!(loser.code(), Some("taken"));
    assert!(
        stage
            .holds("(SELECT count(*) = 2 FROM server_allocations WHERE destination)")
            .await
    );
    assert!(
        stage
            .holds("(SELECT count(*) = 1 FROM servers WHERE destination_node_id IS NOT NULL)")
            .await
    );
}

/// Row R-23: of what excludes each other, one wins.
#[tokio::test]
async fn r_23_transfer_reinstall_and_delete_race() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let reinstall = format!("/api/client/servers/{}/settings/install", stage.server.id);
    let (transfer, server) = (stage.path("/transfer"), stage.path(""));
    let delete = stage
        .admin
        .request(panel_testkit::Method::DELETE, &server)
        .json(json!({ "force": false, "delete_backups": false }));
    let (one, two, three, four) = tokio::join!(
        stage.admin.post(&transfer, stage.order()),
        stage.admin.post(&transfer, stage.order()),
        stage
            .owner
            .post(&reinstall, json!({ "truncate_directory": false })),
        delete.send(),
    );
    let answers = [one, two, three, four];
    let won = answers.iter().filter(|answer| answer.is_success()).count();
    let told: Vec<String> = answers
        .iter()
        .map(panel_testkit::Answer::describe)
        .collect();
    // A deletion also ends what was begun before it, but no transfer.
    assert!((1..=2).contains(&won), "{told:#?}");
    assert!(
        !(answers[0].is_success() && answers[1].is_success()),
        "{told:#?}"
    );
    let moves = answers[0].is_success() || answers[1].is_success();
    assert!(!(moves && won > 1), "{told:#?}");
}

#[tokio::test]
async fn others_than_administrators_are_refused() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let transfer = stage.path("/transfer");
    let refused = stage.owner.post(&transfer, stage.order()).await;
    refused.expect_error(403, "permission_denied");
    let reader = stage
        .app
        .holder(&["servers.read", "servers.update"], &[])
        .await;
    let refused = reader.post(&transfer, stage.order()).await;
    refused.expect_error(403, "permission_denied");
    let cancel = stage.path("/transfer/cancel");
    let refused = reader.post(&cancel, json!({})).await;
    refused.expect_error(403, "permission_denied");
    let anonymous = stage.app.anonymous().post(&transfer, stage.order()).await;
    anonymous.expect_status(401);
}
