//! Deleting backups whose node is away.

use chrono::TimeDelta;
use panel_testkit::{Method, eventually};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect};

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
