//! Putting backups back, and what can go wrong with it.

use chrono::TimeDelta;
use panel_testkit::factory;
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::{DIALECTS, Stage};

/// Quirk 45 of the reference: the daemons in Go delete a server's files before they notice that there is nothing to put in their place.
#[tokio::test]
async fn a_backup_that_the_node_has_lost_costs_no_file() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let server = stage.server.id.uuid();
        stage.sim.write_file(server, "world.dat", b"mine".to_vec());
        let id = stage.make("Lost").await;
        stage.sim.lose_backup(id.parse().unwrap());
        stage
            .owner
            .post(
                &stage.path(&format!("/{id}/restore")),
                json!({ "truncate_directory": true }),
            )
            .await
            .ok();
        stage.wait_for_status(Value::Null).await;
        assert_eq!(stage.count(Effect::BackupRestored), 0);
        assert_eq!(
            stage.sim.file(server, "world.dat"),
            Some(b"mine".to_vec()),
            "{dialect:?}"
        );
        let log = stage
            .owner
            .get(&format!(
                "/api/client/servers/{}/activity?search=restore-failed",
                stage.server.id
            ))
            .await
            .ok();
        assert_eq!(log["activities"]["total"], 1, "{log}");
    }
}

/// 5.8 of the reference: the end is not reported, and the daemon is started again.
#[tokio::test]
async fn a_restore_whose_end_nobody_tells_ends_all_the_same() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let id = stage.make("Back").await;
        let restore = stage.path(&format!("/{id}/restore"));
        stage
            .sim
            .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
        stage.owner.post(&restore, json!({})).await.ok();
        stage.app.run_jobs().await;
        super::eventually("the files to be back", async || {
            stage.count(Effect::BackupRestored) == 1
        })
        .await;
        stage.sim.restart().await.unwrap();
        stage.later(TimeDelta::seconds(10)).await;
        stage.wait_for_status(json!("backup_restore_failed")).await;
        // Somebody may go on, or try again.
        stage.owner.post(&restore, json!({})).await.ok();
        stage.wait_for_status(Value::Null).await;
        assert_eq!(stage.count(Effect::BackupRestored), 2, "{dialect:?}");

        stage
            .sim
            .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
        stage.owner.post(&restore, json!({})).await.ok();
        stage.app.run_jobs().await;
        stage
            .later(TimeDelta::hours(12) + TimeDelta::minutes(1))
            .await;
        stage.wait_for_status(json!("backup_restore_failed")).await;
        stage
            .owner
            .post(&stage.path("/unlock"), json!({}))
            .await
            .ok();
        stage.wait_for_status(Value::Null).await;
        stage
            .owner
            .post(&stage.path("/unlock"), json!({}))
            .await
            .expect_error(409, "server_nothing_failed");
        // What comes late changes nothing any more.
        let daemon = stage.app.node_client(stage.sim.node());
        daemon
            .post(
                &format!("/api/remote/backups/{id}/restore"),
                json!({ "successful": false }),
            )
            .await
            .ok();
        stage.wait_for_status(Value::Null).await;
    }
}

/// 2.13 of the reference: the daemons in Go do not say which server they have put a backup back on, and it need not be the one that it was
/// made of, nor need the backup be anybody's.
#[tokio::test]
async fn a_backup_is_put_back_on_another_server() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let (sim, owner) = (&stage.sim, &stage.owner);
        let address = sim.allocations()[1];
        let other = factory::server_on(&stage.app, owner.user_id(), sim.node(), address).await;
        sim.restart().await.unwrap();
        stage.app.redis().flush().await;
        stage.app.clock().advance(TimeDelta::seconds(10));
        stage.app.run_jobs().await;
        sim.write_file(stage.server.id.uuid(), "world.dat", b"then".to_vec());
        let id = stage.make("Of another").await;
        let admin = stage.app.admin().await;
        let one = format!("/api/admin/nodes/{}/backups/{id}", sim.node().id);
        admin.post(&format!("{one}/detach"), json!({})).await.ok();
        admin
            .post(
                &format!("{one}/restore"),
                json!({ "server_uuid": other.id }),
            )
            .await
            .ok();
        let shown = format!("/api/client/servers/{}", other.id);
        let status = async || owner.get(&shown).await.ok()["server"]["status"].take();
        assert_eq!(status().await, "restoring_backup", "{dialect:?}");
        super::eventually("the end of the restore", async || {
            stage.app.run_jobs().await;
            status().await == Value::Null
        })
        .await;
        let back = sim.file(other.id.uuid(), "world.dat");
        assert_eq!(back, Some(b"then".to_vec()), "{dialect:?}");
    }
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_ends_in_a_restored_server() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let id = stage.make("Back").await;
        for fault in [Fault::AfterEffectDrop, Fault::DropConnection] {
            stage.sim.fail_next_of("POST", "/restore", fault);
            stage
                .owner
                .post(&stage.path(&format!("/{id}/restore")), json!({}))
                .await
                .ok();
            stage.app.run_jobs().await;
            stage.later(TimeDelta::seconds(5)).await;
            stage.wait_for_status(Value::Null).await;
        }
        assert!(stage.count(Effect::BackupRestored) >= 2, "{dialect:?}");
    }
}

/// Nobody changes by a backup what he may not change himself.
#[tokio::test]
async fn the_startup_is_put_back_by_those_who_may_change_it() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let server = stage.server.id;
    let variables = format!("/api/client/servers/{server}/startup/variables");
    let value = async || {
        let shown = stage.owner.get(&variables).await.ok();
        let all = shown["variables"].as_array().unwrap().clone();
        let one = all
            .into_iter()
            .find(|variable| variable["env_variable"] == "START_COMMAND");
        one.unwrap()["value"].clone()
    };
    let set = async |text: &str| {
        let body = json!({ "variables": [{ "env_variable": "START_COMMAND", "value": text }] });
        stage.owner.put(&variables, body).await.ok();
    };
    set("sh then.sh").await;
    let id = stage.make("Then").await;
    set("sh now.sh").await;

    let friend = stage.app.user("friend").await;
    let shares = ["backups.read", "backups.restore", "startup.update"];
    factory::subuser(&stage.app, server, friend.user_id(), &shares).await;
    let restore = stage.path(&format!("/{id}/restore"));
    friend
        .post(&restore, json!({ "restore_startup": true }))
        .await
        .expect_error(403, "permission_denied");
    let seen = friend.get(&stage.path(&format!("/{id}"))).await.ok();
    assert_eq!(
        seen["backup"]["metadata"]["variables"],
        Value::Null,
        "what the variables were is for those who may see them"
    );
    stage.owner.post(&restore, json!({})).await.ok();
    stage.wait_for_status(Value::Null).await;
    assert_eq!(value().await, "sh now.sh");
    stage
        .owner
        .post(&restore, json!({ "restore_startup": true }))
        .await
        .ok();
    stage.wait_for_status(Value::Null).await;
    assert_eq!(value().await, "sh then.sh");
}

/// An administrator's way out works while a backup is put back, and what the node says then does no harm.
#[tokio::test]
async fn clearing_the_state_ends_a_restore() {
    let stage = Stage::set(Dialect::Pelican).await;
    let id = stage.make("Back").await;
    stage.sim.pause();
    stage
        .owner
        .post(&stage.path(&format!("/{id}/restore")), json!({}))
        .await
        .ok();
    let admin = stage.app.admin().await;
    admin
        .post(
            &format!("/api/admin/servers/{}/clear-state", stage.server.id),
            json!({}),
        )
        .await
        .ok();
    stage.sim.resume();
    stage.wait_for_status(Value::Null).await;
    stage.later(TimeDelta::hours(13)).await;
    stage.wait_for_status(Value::Null).await;
    assert_eq!(stage.count(Effect::BackupRestored), 0);
}
