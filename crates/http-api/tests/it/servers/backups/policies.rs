//! Backups that the panel makes by itself.

use chrono::{DateTime, Utc};
use panel_service::operations::{make_system_backups, prune_backups};
use panel_testkit::eventually;
use serde_json::{Value, json};
use wings_sim::Dialect;

use super::Stage;

const POLICIES: &str = "/api/admin/system-backup-policies";

impl Stage {
    /// Makes a policy that covers the node, and gives its path.
    async fn policy(&self, retention: Option<i32>) -> String {
        let admin = self.app.admin().await;
        let order = json!({
            "name": "Nightly", "description": "", "enabled": true, "cron": "0 0 * * * *", "parallelism": 1,
            "retention_count": retention,
        });
        let made = admin.post(POLICIES, order).await.ok();
        let policy = &made["system_backup_policy"];
        assert_eq!(policy["description"], Value::Null);
        let path = format!("{POLICIES}/{}", policy["uuid"].as_str().unwrap());
        let node = json!({ "node_uuid": self.sim.node().id });
        admin.post(&format!("{path}/nodes"), node).await.ok();
        path
    }

    async fn system_backups(&self) -> Value {
        self.owner.get(&self.path("/system")).await.ok()["backups"].take()
    }

    /// Waits until the server has so many backups of policies, all of which are done.
    async fn wait_for_system_backups(&self, number: u64) {
        eventually("the backups of policies", async || {
            self.app.run_jobs().await;
            let seen = self.system_backups().await;
            let done = seen["data"].as_array().unwrap().iter();
            let done = done.filter(|backup| backup["is_successful"] == true);
            seen["total"] == number && done.count() as u64 == number
        })
        .await;
    }
}

#[tokio::test]
async fn a_policy_makes_backups_and_keeps_as_many_as_it_says() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let admin = stage.app.admin().await;
    let path = stage.policy(Some(1)).await;
    admin.post(&format!("{path}/trigger"), json!({})).await.ok();
    stage.wait_for_system_backups(1).await;
    let shown = admin.get(&path).await.ok()["system_backup_policy"].take();
    assert_eq!(shown["total_backups"], 1, "{shown}");
    assert_eq!(shown["total_nodes"], 1);
    assert!(shown["triggered"].is_string(), "{shown}");
    let listed = admin.get(&format!("{path}/backups")).await.ok();
    assert_eq!(
        listed["backups"]["data"][0]["system_backup_policy_uuid"],
        shown["uuid"]
    );

    let due: DateTime<Utc> = shown["next_due"].as_str().unwrap().parse().unwrap();
    let now = stage.app.now();
    stage.app.clock().advance(due - now);
    let system = stage.app.service().system();
    assert_eq!(make_system_backups(&system).await.unwrap(), 1);
    assert_eq!(make_system_backups(&system).await.unwrap(), 0);
    stage.wait_for_system_backups(2).await;
    prune_backups(&system).await.unwrap();
    stage.wait_for_system_backups(1).await;
}

#[tokio::test]
async fn the_backups_of_a_policy_are_the_operators() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let admin = stage.app.admin().await;
    let path = stage.policy(None).await;
    admin.post(&format!("{path}/trigger"), json!({})).await.ok();
    stage.wait_for_system_backups(1).await;
    let listed = stage.owner.get(&stage.path("")).await.ok();
    assert_eq!(listed["backups"]["total"], 0, "{listed}");
    let seen = stage.system_backups().await;
    let backup = stage.path(&format!("/{}", seen["data"][0]["uuid"].as_str().unwrap()));
    stage
        .owner
        .patch(&backup, json!({ "name": "Mine" }))
        .await
        .expect_error(409, "backup_of_policy");
    stage
        .owner
        .delete(&backup)
        .await
        .expect_error(409, "backup_of_policy");

    let delete = json!({ "delete_backups": true });
    admin
        .request(panel_testkit::Method::DELETE, &path)
        .json(delete)
        .send()
        .await
        .ok();
    admin
        .get(&path)
        .await
        .expect_error(404, "system_backup_policy_not_found");
    stage.wait_for_system_backups(0).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let admin = stage.app.admin().await;
    let order = json!({
        "name": "", "enabled": true, "cron": "never", "parallelism": 0, "retention_count": 0,
    });
    admin
        .post(POLICIES, order)
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["name", "cron", "parallelism", "retention_count"]);
    let path = stage.policy(None).await;
    let node = json!({ "node_uuid": stage.sim.node().id });
    admin
        .post(&format!("{path}/nodes"), node)
        .await
        .expect_error(409, "already_covered");
    let nobody = json!({ "server_uuid": uuid::Uuid::new_v4() });
    admin
        .post(&format!("{path}/servers"), nobody)
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["server_uuid"]);
    let gone = format!("{path}/servers/{}", stage.server.id);
    admin
        .delete(&gone)
        .await
        .expect_error(404, "server_not_found");
}
