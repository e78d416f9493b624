//! Steps of schedules with backups.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use panel_domain::backup::{BackupDisk, KopiaStore, Stores};
use panel_testkit::{TestApp, factory};
use serde_json::{Value, json};
use wings_sim::Dialect;

use super::Stage;

fn create(foreground: bool) -> Value {
    json!({
        "type": "create_backup", "ignore_failure": false, "foreground": foreground, "name": "Nightly",
        "ignored_files": [], "output_into": { "variable": "made" },
    })
}

impl Stage {
    /// Runs a schedule with these steps to its end, and tells how it ended.
    async fn run(&self, steps: &[Value]) -> String {
        let author = self.owner.user_id();
        let schedule =
            factory::schedule(&self.app, self.server.id, author, "0 4 * * *", steps).await;
        let path = format!(
            "/api/client/servers/{}/schedules/{}",
            self.server.id, schedule.id
        );
        self.owner
            .post(&format!("{path}/trigger"), json!({}))
            .await
            .ok();
        super::eventually("the run to end", async || {
            self.app.run_jobs().await;
            self.app.clock().advance(TimeDelta::seconds(3));
            self.owner.get(&format!("{path}/status")).await.ok()["status"]["running"] == false
        })
        .await;
        let status = self.owner.get(&format!("{path}/status")).await.ok();
        status["status"]["errors"].to_string()
    }
}

/// The panel does for the daemons in Go what they cannot: it waits for the backup, and goes on with it.
#[tokio::test]
async fn a_schedule_of_the_panels_makes_moves_and_deletes_backups() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    let group = factory::backup_group(&stage.app, &stage.server).await;
    let made = json!({ "mode": "uuid", "uuid": { "variable": "made" } });
    let errors = stage
        .run(&[
            create(true),
            json!({ "type": "move_backup", "backup": made, "backup_group_uuid": group }),
        ])
        .await;
    assert_eq!(errors, "{}");
    let listed = stage.owner.get(&stage.path("")).await.ok();
    assert_eq!(listed["backups"]["total"], 1);
    let shown = &listed["backups"]["data"][0];
    assert_eq!(shown["name"], "Nightly");
    assert_eq!(shown["state"], "successful");
    assert_eq!(shown["backup_group_uuid"], group.to_string());

    let errors = stage
        .run(&[json!({ "type": "delete_backup", "backup": { "mode": "name", "name": "Nightly" } })])
        .await;
    assert_eq!(errors, "{}");
    super::eventually("the backup to be gone", async || {
        stage.app.run_jobs().await;
        stage.owner.get(&stage.path("")).await.ok()["backups"]["total"] == 0
    })
    .await;
    let errors = stage
        .run(&[json!({ "type": "delete_backup", "backup": { "mode": "latest" } })])
        .await;
    assert!(errors.contains("no such backup"), "{errors}");
}

/// At the limit the oldest backup that nobody locked makes room for a scheduled one, of those in no group first.
#[tokio::test]
async fn a_scheduled_backup_takes_the_place_of_the_oldest() {
    let stage = Stage::set(Dialect::Pelican).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let id = factory::backup(&stage.app, &stage.server).await;
        stage.sim.keep_backup(id.uuid(), stage.server.id.uuid());
        ids.push(id.to_string());
    }
    let one = stage.path(&format!("/{}", ids[0]));
    stage
        .owner
        .patch(&one, json!({ "locked": true }))
        .await
        .ok();
    assert_eq!(stage.run(&[create(true)]).await, "{}");
    let left = async || {
        let listed = stage.owner.get(&stage.path("")).await.ok();
        super::super::names(&listed["backups"]["data"], "uuid")
    };
    super::eventually("the place to be free", async || {
        stage.app.run_jobs().await;
        left().await.len() == 5
    })
    .await;
    let left = left().await;
    assert!(left.contains(&ids[0]), "the locked one stays");
    assert!(!left.contains(&ids[1]), "the oldest of the others goes");
    for id in &left {
        let one = stage.path(&format!("/{id}"));
        stage
            .owner
            .patch(&one, json!({ "locked": true }))
            .await
            .ok();
    }
    let errors = stage.run(&[create(false)]).await;
    assert!(errors.contains("may have 5 backups"), "{errors}");
}

/// Row B-44: a backup that somebody locks at this very moment does not make room, the next one does.
#[tokio::test]
async fn b_44_a_backup_that_is_just_being_locked_makes_no_room() {
    let stage = Stage::set(Dialect::Pelican).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let id = factory::backup(&stage.app, &stage.server).await;
        stage.sim.keep_backup(id.uuid(), stage.server.id.uuid());
        ids.push(id.to_string());
        stage.app.clock().advance(TimeDelta::seconds(1));
    }
    let lock = format!("UPDATE backups SET locked = true WHERE id = '{}'", ids[0]);
    let errors = stage.behind(&lock, stage.run(&[create(false)])).await;
    assert_eq!(errors, "{}");
    let shown = stage.shown(&ids[0]).await;
    assert_eq!(shown["is_locked"], true);
    assert_eq!(shown["deletion_status"], Value::Null);
    super::eventually("the next one to be gone", async || {
        stage.app.run_jobs().await;
        let one = stage.path(&format!("/{}", ids[1]));
        stage.owner.get(&one).await.status == 404
    })
    .await;
}

/// 2.16 of the reference: a daemon that runs schedules itself reserves, and does what a step says whose author may.
#[tokio::test]
async fn a_daemon_does_with_backups_what_a_step_says() {
    let stage = Stage::set(Dialect::CalagopusNext).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let path = format!("/api/remote/servers/{}/backups", stage.server.id);
    let wanted = json!({ "name": "Nightly", "ignored_files": ["cache"] });
    daemon
        .post(&path, &wanted)
        .await
        .expect_error(403, "no_such_step");
    let author = stage.app.user("author").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        author.user_id(),
        &["schedules.create", "backups.create"],
    )
    .await;
    let steps = [
        create(true),
        json!({ "type": "delete_backup", "backup": { "mode": "latest" } }),
    ];
    factory::schedule(
        &stage.app,
        stage.server.id,
        author.user_id(),
        "0 4 * * *",
        &steps,
    )
    .await;
    let reserved = daemon.post(&path, &wanted).await.ok();
    assert_eq!(reserved["adapter"], "wings");
    let id = reserved["uuid"].as_str().unwrap();
    stage.app.run_jobs().await;
    assert!(stage.sim.backups().is_empty(), "the daemon makes it itself");
    daemon
        .post(
            &format!("/api/remote/backups/{id}"),
            json!({
                "checksum": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "checksum_type": "sha1", "size": 10,
                "successful": true, "parts": [], "files": 1, "browsable": true, "streaming": false,
            }),
        )
        .await
        .ok();
    let shown = stage.shown(id).await;
    assert_eq!(shown["state"], "successful");
    assert_eq!(shown["files"], 1);
    assert_eq!(shown["is_browsable"], true);
    // There is such a step, but whoever wrote it may not delete backups.
    daemon
        .request(panel_testkit::Method::DELETE, &path)
        .json(json!({ "oldest": true }))
        .send()
        .await
        .expect_error(403, "no_such_step");
    daemon
        .post(
            &format!("{path}/restore"),
            json!({ "truncate_directory": true }),
        )
        .await
        .expect_error(403, "no_such_step");
}

/// Row A-24: a step puts the startup of then back only where its author may change all of it.
#[tokio::test]
async fn a_24_a_step_puts_back_no_startup_that_its_author_may_not_change() {
    let stage = Stage::set(Dialect::CalagopusNext).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let (server, author) = (stage.server.id, stage.app.user("author").await);
    let some = ["backups.restore", "startup.update"];
    factory::subuser(&stage.app, server, author.user_id(), &some).await;
    let step = json!({
        "type": "restore_backup", "ignore_failure": false, "truncate_directory": false, "restore_startup": true,
        "backup": { "mode": "latest" },
    });
    let steps = [step];
    factory::schedule(&stage.app, server, author.user_id(), "0 4 * * *", &steps).await;
    factory::backup(&stage.app, &stage.server).await;
    let path = format!("/api/remote/servers/{server}/backups/restore");
    let wanted = json!({ "truncate_directory": false, "restore_startup": true });
    daemon
        .post(&path, &wanted)
        .await
        .expect_error(403, "no_such_step");
    let share = format!("/api/client/servers/{server}/subusers/{}", author.user_id());
    let all = json!({
        "permissions": ["backups.restore", "startup.update", "startup.command", "startup.docker-image"],
    });
    stage.owner.patch(&share, all).await.ok();
    daemon.post(&path, &wanted).await.ok();
}

/// Row N-15: a daemon is handed the access to a store for a backup of its own that is kept there.
#[tokio::test]
async fn n_15_access_is_handed_out_for_what_is_kept_there() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let local = factory::backup(&stage.app, &stage.server).await;
    for kind in ["restic", "pbs", "kopia"] {
        daemon
            .get(&format!("/api/remote/backups/{local}/{kind}"))
            .await
            .expect_error(409, "backup_kept_elsewhere");
    }
    let admin = stage.app.admin().await;
    let place = admin
        .post(
            "/api/admin/backup-configurations",
            json!({
                "name": "Restic", "maintenance_enabled": false, "shared": true, "backup_disk": "restic",
                "backup_configs": { "restic": {
                    "repository": "rest:https://restic.example.com/", "retry_lock_seconds": 60,
                    "environment": { "RESTIC_PASSWORD": "a secret" },
                } },
            }),
        )
        .await
        .ok();
    let place = place["backup_configuration"]["uuid"].as_str().unwrap();
    let kept = factory::backup_on(
        &stage.app,
        &stage.server,
        BackupDisk::Restic,
        Some(place.parse().unwrap()),
    )
    .await;
    let access = daemon
        .get(&format!("/api/remote/backups/{kept}/restic"))
        .await
        .ok();
    assert_eq!(access["environment"]["RESTIC_PASSWORD"], "a secret");
    assert_eq!(access["retry_lock_seconds"], 60);
    // It lies in the database sealed.
    let database = stage.app.database().connect().await;
    let rows = database
        .query("SELECT stores FROM backup_configurations", &[])
        .await
        .unwrap();
    for row in rows {
        let stores: Vec<u8> = row.get(0);
        assert!(!String::from_utf8_lossy(&stores).contains("secret"));
    }
}

/// Row N-15: what every node reaches is put back by another node, too. That one is handed the access, as long as it has to do with it.
#[tokio::test]
async fn n_15_access_is_handed_to_the_node_that_puts_it_back() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.user("owner").await, app.admin().await);
    let server = factory::server(&app, owner.user_id()).await;
    let target = factory::server(&app, owner.user_id()).await;
    let bystander = factory::server(&app, owner.user_id()).await;
    let stores = Stores {
        kopia: Some(KopiaStore {
            url: "https://kopia.example.com".to_owned(),
            username: "panel@roost".to_owned(),
            password: "a secret".to_owned(),
            fingerprint: None,
            tags: BTreeMap::default(),
        }),
        ..Stores::default()
    };
    let place = factory::backup_configuration(&app, BackupDisk::Kopia, &stores).await;
    let id = factory::backup_on(&app, &server, BackupDisk::Kopia, Some(place)).await;
    let path = format!("/api/remote/backups/{id}/kopia");
    let others = [&target, &bystander].map(|server| app.node_client(&server.node));
    for other in &others {
        other.get(&path).await.expect_status(404);
    }
    let restore = format!("/api/admin/nodes/{}/backups/{id}/restore", server.node.id);
    admin
        .post(&restore, json!({ "server_uuid": target.id }))
        .await
        .ok();
    let [target_node, bystander_node] = &others;
    let access = target_node.get(&path).await.ok();
    assert_eq!(access["password"], "a secret");
    bystander_node.get(&path).await.expect_status(404);
    admin
        .post(
            &format!("/api/admin/servers/{}/clear-state", target.id),
            json!({}),
        )
        .await
        .ok();
    target_node.get(&path).await.expect_status(404);

    // It belongs to a server there now.
    let reattach = format!("/api/admin/nodes/{}/backups/{id}/reattach", server.node.id);
    admin
        .post(&reattach, json!({ "server_uuid": bystander.id }))
        .await
        .ok();
    bystander_node.get(&path).await.ok();
    target_node.get(&path).await.expect_status(404);
}
