//! Workers that are killed while they have a node do something with a backup.

use panel_testkit::{Worker, eventually};
use serde_json::{Value, json};
use wings_sim::Effect;

use super::{DIALECTS, Stage};

impl Stage {
    /// Whether the last operation has come so far that its node is called, or is about to be.
    async fn is_called(&self) -> bool {
        let database = self.app.database().connect().await;
        let query = "SELECT called_at IS NOT NULL FROM operations ORDER BY id DESC LIMIT 1";
        database.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Kills a worker that stops at `place` when it is there: before the node is called, or when it has done this.
    async fn kill_at(&self, worker: Worker, place: &str, effect: Effect, times: usize) {
        eventually(place, async || {
            self.is_called().await && (place.ends_with(".calling") || self.count(effect) == times)
        })
        .await;
        worker.kill();
    }
}

/// Row R-02: another worker goes on, and what was done is not done again.
#[tokio::test]
async fn r_02_a_worker_killed_while_a_backup_is_made() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        for (place, times) in [("backup.calling", 1), ("backup.called", 2)] {
            let worker = stage.app.worker_stopping_at(Some(place));
            let body = json!({ "name": place, "ignored_files": [] });
            let made = stage.owner.post(&stage.path(""), body).await.ok();
            let id = made["backup"]["uuid"].as_str().unwrap();
            stage
                .kill_at(worker, place, Effect::BackupCreated, times)
                .await;
            stage.wait_for(id, "successful").await;
            eventually("the job to be done", async || {
                stage.app.run_jobs().await;
                stage.is_idle().await
            })
            .await;
            assert_eq!(
                stage.count(Effect::BackupCreated),
                times,
                "{dialect:?} killed at {place}"
            );
        }
    }
}

#[tokio::test]
async fn r_02_a_worker_killed_while_a_backup_is_put_back() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let server = stage.server.id.uuid();
        stage.sim.write_file(server, "world.dat", b"then".to_vec());
        let id = stage.make("Back").await;
        for (place, times) in [("restore.calling", 1), ("restore.called", 2)] {
            stage.sim.write_file(server, "world.dat", b"now".to_vec());
            let worker = stage.app.worker_stopping_at(Some(place));
            let restore = stage.path(&format!("/{id}/restore"));
            let body = json!({ "truncate_directory": true });
            stage.owner.post(&restore, body).await.ok();
            stage
                .kill_at(worker, place, Effect::BackupRestored, times)
                .await;
            if place == "restore.called" {
                // The node tells its end, whoever asked for it.
                let shown = format!("/api/client/servers/{server}");
                eventually("the end of the restore", async || {
                    stage.owner.get(&shown).await.ok()["server"]["status"] == Value::Null
                })
                .await;
            }
            stage.wait_for_status(Value::Null).await;
            eventually("the job to be done", async || {
                stage.app.run_jobs().await;
                stage.is_idle().await
            })
            .await;
            assert_eq!(
                stage.sim.file(server, "world.dat"),
                Some(b"then".to_vec()),
                "{dialect:?} killed at {place}"
            );
            assert_eq!(stage.count(Effect::BackupRestored), times);
        }
    }
}

#[tokio::test]
async fn r_02_a_worker_killed_while_a_backup_is_deleted() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let id = stage.make("Gone").await;
        let place = "delete_backup.called";
        let worker = stage.app.worker_stopping_at(Some(place));
        let one = stage.path(&format!("/{id}"));
        stage.owner.delete(&one).await.expect_status(202);
        stage.kill_at(worker, place, Effect::BackupDeleted, 1).await;
        eventually("the backup to be gone", async || {
            stage.app.run_jobs().await;
            stage.owner.get(&one).await.status == 404
        })
        .await;
        assert_eq!(stage.count(Effect::BackupDeleted), 1, "{dialect:?}");
        assert!(stage.is_idle().await);
    }
}
