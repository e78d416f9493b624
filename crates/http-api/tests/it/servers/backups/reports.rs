//! What daemons say, late, twice, or not at all.

use chrono::TimeDelta;
use panel_domain::backup::BackupDisk;
use panel_testkit::{TestApp, factory};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::Stage;

fn success() -> Value {
    json!({
        "checksum": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "checksum_type": "sha1", "size": 4096,
        "successful": true, "parts": null,
    })
}

fn failure() -> Value {
    json!({ "checksum": "", "checksum_type": "", "size": 0, "successful": false, "parts": null })
}

/// Row R-14: what is reported after the deadline counts; what is reported twice, or otherwise afterwards, does not change it.
#[tokio::test]
async fn r_14_a_success_counts_whenever_it_is_reported() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    stage
        .sim
        .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    let backup = id.parse().unwrap();
    super::eventually("the archive", async || !stage.sim.backups().is_empty()).await;
    stage.sim.lose_backup(backup);
    stage
        .later(TimeDelta::hours(12) + TimeDelta::minutes(1))
        .await;
    stage.later(TimeDelta::minutes(31)).await;
    stage.wait_for(&id, "failed").await;
    let daemon = stage.app.node_client(stage.sim.node());
    let path = format!("/api/remote/backups/{id}");
    for (report, state) in [
        (failure(), "failed"),
        (success(), "successful"),
        (success(), "successful"),
        (failure(), "successful"),
    ] {
        daemon.post(&path, report).await.ok();
        assert_eq!(stage.shown(&id).await["state"], state);
    }
    let shown = stage.shown(&id).await;
    assert_eq!(
        shown["checksum"],
        "sha1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
    );
    assert_eq!(shown["bytes"], 4096);
    assert_eq!(shown["error"], Value::Null);
}

/// A backup that is there is never given up, though nobody has said that it is.
#[tokio::test]
async fn an_archive_whose_report_was_lost_is_found() {
    for dialect in super::DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .sim
            .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
        let id = stage.ask(json!({ "ignored_files": [] })).await;
        super::eventually("the archive", async || !stage.sim.backups().is_empty()).await;
        assert_eq!(stage.shown(&id).await["state"], "creating");
        stage.later(TimeDelta::minutes(31)).await;
        assert_eq!(
            stage.shown(&id).await["state"],
            "creating",
            "it may be growing"
        );
        stage.later(TimeDelta::minutes(31)).await;
        stage.wait_for(&id, "successful").await;
        let shown = stage.shown(&id).await;
        assert_eq!(shown["checksum"], Value::Null, "nobody has said it");
        assert!(shown["bytes"].as_i64().unwrap() > 0, "{shown}");
        assert_eq!(stage.count(Effect::BackupCreated), 1, "{dialect:?}");
        // What comes then fills in what is missing.
        let daemon = stage.app.node_client(stage.sim.node());
        daemon
            .post(&format!("/api/remote/backups/{id}"), {
                let mut report = success();
                report["parts"] = json!([]);
                report
            })
            .await
            .ok();
        assert!(stage.shown(&id).await["checksum"].is_string());
    }
}

/// Whether a node has an archive is not known while it cannot be asked: then a deadline is no reason to give it up.
#[tokio::test]
async fn an_archive_on_a_node_that_was_away_at_the_deadline_is_found() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    stage
        .sim
        .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    super::eventually("the archive", async || !stage.sim.backups().is_empty()).await;
    for _ in 0..3 {
        stage
            .sim
            .fail_next_of("GET", "/download/backup", Fault::DropConnection);
    }
    stage
        .later(TimeDelta::hours(12) + TimeDelta::minutes(1))
        .await;
    assert_eq!(stage.shown(&id).await["state"], "creating");
    super::eventually("the archive to be found", async || {
        stage.later(TimeDelta::minutes(31)).await;
        stage.shown(&id).await["state"] == "successful"
    })
    .await;
    assert_eq!(stage.count(Effect::BackupCreated), 1);
}

/// What a repository has is not seen to grow: it counts when the time is over, and the backup does not stay one that is being made.
#[tokio::test]
async fn a_backup_in_a_repository_whose_report_was_lost_is_found() {
    let stage = Stage::set(Dialect::CalagopusNext).await;
    let stores = panel_domain::backup::Stores {
        restic: Some(panel_domain::backup::ResticStore {
            repository: "rest:https://restic.example.com/".to_owned(),
            retry_lock_seconds: 60,
            environment: std::collections::BTreeMap::default(),
            prune_jobs: Vec::new(),
        }),
        ..panel_domain::backup::Stores::default()
    };
    let place = factory::backup_configuration(&stage.app, BackupDisk::Restic, &stores).await;
    let admin = stage.app.admin().await;
    let server = format!("/api/admin/servers/{}", stage.server.id);
    admin
        .patch(&server, json!({ "backup_configuration_uuid": place }))
        .await
        .ok();
    stage
        .sim
        .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    super::eventually("the snapshot", async || !stage.sim.backups().is_empty()).await;
    for _ in 0..3 {
        stage.later(TimeDelta::minutes(31)).await;
        assert_eq!(stage.shown(&id).await["state"], "creating");
    }
    stage.later(TimeDelta::hours(12)).await;
    stage.wait_for(&id, "successful").await;
    assert_eq!(stage.count(Effect::BackupCreated), 1);
    assert!(stage.is_idle().await);
}

/// Row R-13: a daemon that is started again in the middle makes the backup anew; one that always is, does not for ever. A backup that is
/// there stays.
#[tokio::test]
async fn r_13_a_daemon_that_is_started_again_makes_the_backup_anew() {
    for dialect in super::DIALECTS {
        let stage = Stage::set(dialect).await;
        let kept = stage.make("Before").await;
        stage
            .sim
            .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
        let id = stage.ask(json!({ "ignored_files": [] })).await;
        super::eventually("the archive", async || stage.sim.backups().len() == 2).await;
        stage.sim.restart().await.unwrap();
        super::eventually("the backup", async || {
            stage.later(TimeDelta::seconds(10)).await;
            stage.shown(&id).await["state"] == "successful"
        })
        .await;
        assert_eq!(stage.count(Effect::BackupCreated), 3, "{dialect:?}");
        assert_eq!(stage.shown(&kept).await["state"], "successful");
    }
    let stage = Stage::set(Dialect::Pelican).await;
    let daemon = stage.app.node_client(stage.sim.node());
    for _ in 0..10 {
        stage
            .sim
            .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
    }
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    super::eventually("an end", async || {
        daemon
            .post("/api/remote/servers/reset", Value::Null)
            .await
            .ok();
        stage.later(TimeDelta::minutes(1)).await;
        stage.shown(&id).await["state"] == "failed"
    })
    .await;
    assert!(stage.count(Effect::BackupCreated) <= 6);
}

/// The answer to the order is lost: the daemon is asked whether it is at it, and does it once.
#[tokio::test]
async fn an_order_whose_answer_was_lost_is_not_given_twice() {
    for dialect in super::DIALECTS {
        let stage = Stage::set(dialect).await;
        let order = format!("/api/servers/{}/backup", stage.server.id);
        stage
            .sim
            .fail_next_of("POST", &order, Fault::AfterEffectDrop);
        let id = stage.ask(json!({ "ignored_files": [] })).await;
        super::eventually("the backup", async || {
            stage.later(TimeDelta::seconds(5)).await;
            stage.shown(&id).await["state"] == "successful"
        })
        .await;
        assert_eq!(stage.count(Effect::BackupCreated), 1, "{dialect:?}");

        stage
            .sim
            .fail_next_of("POST", &order, Fault::DropConnection);
        let id = stage.ask(json!({ "ignored_files": [] })).await;
        super::eventually("the backup", async || {
            stage.later(TimeDelta::seconds(5)).await;
            stage.shown(&id).await["state"] == "successful"
        })
        .await;
        assert_eq!(stage.count(Effect::BackupCreated), 2, "{dialect:?}");
    }
}

/// Row N-12: a node reports on what is its own, and no word of it makes an object that no store has.
#[tokio::test]
async fn n_12_a_report_about_what_is_another_nodes_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.user("owner").await;
    let server = factory::server(&app, owner.user_id()).await;
    let other = factory::node(&app).await;
    let evil = app.node_client(&other);
    let backup = factory::unfinished_backup(&app, &server, BackupDisk::Local, None).await;
    let done = factory::backup(&app, &server).await;
    for id in [backup, done] {
        for (method, path, body) in [
            ("POST", format!("/backups/{id}"), success()),
            ("POST", format!("/backups/{id}"), failure()),
            (
                "POST",
                format!("/backups/{id}/restore"),
                json!({ "successful": true }),
            ),
            (
                "POST",
                format!("/backups/{id}/restore"),
                json!({ "successful": false, "server_uuid": server.id }),
            ),
            (
                "POST",
                format!("/backups/{id}/deletion"),
                json!({ "successful": true }),
            ),
            ("GET", format!("/backups/{id}?size=1024"), Value::Null),
            (
                "GET",
                format!("/backups/{id}/s3/parts?from_part=1"),
                Value::Null,
            ),
            ("GET", format!("/backups/{id}/restic"), Value::Null),
            ("GET", format!("/backups/{id}/pbs"), Value::Null),
            ("GET", format!("/backups/{id}/kopia"), Value::Null),
            (
                "POST",
                format!("/servers/{}/backups", server.id),
                json!({ "name": "evil", "ignored_files": [] }),
            ),
            (
                "DELETE",
                format!("/servers/{}/backups", server.id),
                json!({ "oldest": true }),
            ),
            (
                "PATCH",
                format!("/servers/{}/backups", server.id),
                json!({}),
            ),
            (
                "POST",
                format!("/servers/{}/backups/restore", server.id),
                json!({ "truncate_directory": true }),
            ),
        ] {
            let path = format!("/api/remote{path}");
            let request = evil.request(method.parse().unwrap(), &path);
            let answer = if method == "GET" {
                request.send().await
            } else {
                request.json(body).send().await
            };
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.describe());
        }
    }
    let path = |id| format!("/api/client/servers/{}/backups/{id}", server.id);
    let shown = owner.get(&path(backup)).await.ok();
    assert_eq!(shown["backup"]["state"], "creating");
    let shown = owner.get(&path(done)).await.ok();
    assert_eq!(shown["backup"]["state"], "successful");
    assert_eq!(shown["backup"]["deletion_status"], Value::Null);
}

/// A daemon's own words cannot be of any length or kind.
#[tokio::test]
async fn a_report_that_no_daemon_makes_is_refused() {
    let app = TestApp::start().await;
    let owner = app.user("owner").await;
    let server = factory::server(&app, owner.user_id()).await;
    let backup = factory::unfinished_backup(&app, &server, BackupDisk::Local, None).await;
    let daemon = app.node_client(&server.node);
    for (field, value) in [
        ("checksum", json!("a".repeat(300))),
        ("checksum", json!("a\nb")),
        ("size", json!(u64::MAX)),
        (
            "parts",
            json!(vec![json!({ "etag": "", "part_number": 1 }); 10_001]),
        ),
    ] {
        let mut report = success();
        report[field] = value;
        daemon
            .post(&format!("/api/remote/backups/{backup}"), report)
            .await
            .expect_status(400);
    }
}
