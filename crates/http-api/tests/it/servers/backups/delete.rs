//! Deleting backups whose node is away.

use chrono::TimeDelta;
use panel_testkit::{Client, Method, eventually, factory};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::{DIALECTS, Stage};

/// A deletion waits for the node, and the backup is shown as what it is meanwhile: neither there nor gone.
#[tokio::test]
async fn a_backup_is_deleted_when_its_node_is_back() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let id = stage.make("Gone").await;
        let one = stage.path(&format!("/{id}"));
        stage.sim.kill().await;
        stage.owner.delete(&one).await.expect_status(202);
        stage.app.run_jobs().await;
        stage.later(TimeDelta::hours(1)).await;
        assert_eq!(stage.shown(&id).await["deletion_status"], "deleting");
        stage
            .owner
            .post(&format!("{one}/restore"), json!({}))
            .await
            .expect_error(409, "backup_deleting");
        // Asked again, it is still one deletion.
        stage.owner.delete(&one).await.expect_status(202);
        stage.sim.restart().await.unwrap();
        eventually("the backup to be gone", async || {
            stage.later(TimeDelta::minutes(11)).await;
            stage.owner.get(&one).await.status == 404
        })
        .await;
        assert_eq!(stage.count(Effect::BackupDeleted), 1, "{dialect:?}");
        assert!(stage.sim.backups().is_empty(), "{dialect:?}");
        eventually("nothing to be left to do", async || {
            stage.later(TimeDelta::minutes(11)).await;
            stage.is_idle().await
        })
        .await;
    }
}

/// A node that never comes back holds nobody up: in the end the backup is there again with what was in the way, and an administrator
/// has it forgotten.
#[tokio::test]
async fn a_backup_of_a_node_that_is_gone_is_forgotten_on_request() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    let id = stage.make("Lost").await;
    let node = stage.sim.node().id;
    let one = format!("/api/admin/nodes/{node}/backups/{id}");
    stage.sim.kill().await;
    let path = stage.path(&format!("/{id}"));
    stage.owner.delete(&path).await.expect_status(202);
    stage.app.run_jobs().await;
    stage.later(TimeDelta::days(7) + TimeDelta::hours(1)).await;
    let admin = stage.app.admin().await;
    let shown = admin.get(&one).await.ok();
    assert_eq!(shown["backup"]["deletion_status"], "failed", "{shown}");
    assert_ne!(shown["backup"]["error"], Value::Null, "{shown}");
    admin
        .request(Method::DELETE, &one)
        .json(json!({ "force": true }))
        .send()
        .await
        .ok();
    eventually("the backup to be forgotten", async || {
        stage.app.run_jobs().await;
        admin.get(&one).await.status == 404
    })
    .await;
    assert_eq!(
        stage.sim.backups().len(),
        1,
        "what was left behind is there"
    );
}

/// A second server on the node of the first one, known there, and the first one's backup being put back on it, of which the end is never told.
async fn with_restore_elsewhere(dialect: Dialect) -> (Stage, Client, String) {
    let stage = Stage::set(dialect).await;
    let address = stage.sim.allocations()[1];
    let (owner, node) = (stage.owner.user_id(), stage.sim.node());
    let other = factory::server_on(&stage.app, owner, node, address).await;
    stage.sim.restart().await.unwrap();
    stage.app.redis().flush().await;
    stage.app.clock().advance(TimeDelta::seconds(10));
    stage.app.run_jobs().await;
    let id = stage.make("Elsewhere").await;
    stage
        .sim
        .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
    let admin = stage.app.admin().await;
    admin
        .post(
            &format!("/api/admin/nodes/{}/backups/{id}/restore", node.id),
            json!({ "server_uuid": other.id }),
        )
        .await
        .ok();
    stage.app.run_jobs().await;
    eventually("the files to be back", async || {
        stage.count(Effect::BackupRestored) == 1
    })
    .await;
    (stage, admin, format!("/api/client/servers/{}", other.id))
}

/// A server goes though one of its backups, which is to go along, is being put back on another one.
#[tokio::test]
async fn a_server_does_not_wait_for_a_backup_that_is_put_back_elsewhere() {
    let (stage, admin, other) = with_restore_elsewhere(Dialect::Calagopus).await;
    let path = format!("/api/admin/servers/{}", stage.server.id);
    admin
        .request(Method::DELETE, &path)
        .json(json!({ "force": false, "delete_backups": true }))
        .send()
        .await
        .ok();
    stage.app.run_jobs().await;
    for _ in 0..2 {
        stage.later(TimeDelta::minutes(6)).await;
    }
    admin.get(&path).await.expect_status(404);
    let status = stage.owner.get(&other).await.ok()["server"]["status"].take();
    assert_eq!(status, "restoring_backup");
}

/// Pelican deletes the archives of a server together with it, also one that is being put back on another server, which does not wait for that
/// for ever.
#[tokio::test]
async fn a_restore_ends_when_its_backup_is_gone() {
    let (stage, admin, other) = with_restore_elsewhere(Dialect::Pelican).await;
    let path = format!("/api/admin/servers/{}", stage.server.id);
    admin
        .request(Method::DELETE, &path)
        .json(json!({ "force": false, "delete_backups": false }))
        .send()
        .await
        .ok();
    eventually("the server to be gone", async || {
        stage.app.run_jobs().await;
        admin.get(&path).await.status == 404
    })
    .await;
    for _ in 0..2 {
        stage.later(TimeDelta::minutes(3)).await;
    }
    let status = stage.owner.get(&other).await.ok()["server"]["status"].take();
    assert_eq!(status, "backup_restore_failed");
}
