//! Backups in a bucket, at a real S3-compatible server.

use chrono::TimeDelta;
use panel_domain::backup::BackupDisk;
use panel_testkit::{Method, S3Server, eventually, factory};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::super::files::links::browser;
use super::{DIALECTS, Stage};

/// A stage whose server's backups go to a bucket.
async fn with_bucket(dialect: Dialect) -> (Stage, S3Server) {
    let stage = Stage::set(dialect).await;
    let s3 = S3Server::start().await;
    let place = factory::backup_configuration(&stage.app, BackupDisk::S3, &s3.stores()).await;
    let admin = stage.app.admin().await;
    let server = format!("/api/admin/servers/{}", stage.server.id);
    admin
        .patch(&server, json!({ "backup_configuration_uuid": place }))
        .await
        .ok();
    (stage, s3)
}

/// The line of 2.11 and 2.12 of the reference: parts, completion, and fetching the archive for a restore.
// Node and store take their time over so many bytes: the panel is not to stand still with them.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_uploaded_confirmed_put_back_and_deleted() {
    for dialect in DIALECTS {
        let (stage, s3) = with_bucket(dialect).await;
        // More than two parts of the least size that S3 takes.
        let world = vec![7_u8; 12 * 1024 * 1024];
        stage
            .sim
            .write_file(stage.server.id.uuid(), "world.dat", world.clone());
        let id = stage.make("To the bucket").await;
        let key = format!("{}/{id}.tar.gz", stage.server.id);
        let stored = std::fs::metadata(s3.object(&key)).unwrap().len();
        let shown = stage.shown(&id).await;
        assert_eq!(shown["bytes"], stored, "{dialect:?}");
        assert!(stored > 12 * 1024 * 1024);
        assert!(shown["checksum"].is_string(), "{shown}");
        assert_eq!(s3.stray_parts(), 0);

        let link = stage
            .owner
            .get(&stage.path(&format!("/{id}/download")))
            .await
            .ok();
        let fetched = browser().get(link["url"].as_str().unwrap());
        let fetched = fetched.send().await.unwrap();
        assert_eq!(fetched.status(), 200);
        assert_eq!(fetched.bytes().await.unwrap().len() as u64, stored);

        stage
            .sim
            .write_file(stage.server.id.uuid(), "world.dat", b"broken".to_vec());
        stage
            .owner
            .post(
                &stage.path(&format!("/{id}/restore")),
                json!({ "truncate_directory": true }),
            )
            .await
            .ok();
        stage.wait_for_status(Value::Null).await;
        let back = stage.sim.file(stage.server.id.uuid(), "world.dat");
        assert!(back == Some(world), "{dialect:?}: the file is as it was");

        let one = stage.path(&format!("/{id}"));
        stage.owner.delete(&one).await.expect_status(202);
        eventually("the backup to be gone", async || {
            stage.app.run_jobs().await;
            stage.owner.get(&one).await.status == 404
        })
        .await;
        assert!(!s3.object(&key).exists(), "{dialect:?}");
    }
}

/// Row U-06 and row N-12: what counts is what the store has, not what a node says; and while the store is away, nothing is given up.
#[tokio::test]
async fn u_06_a_report_counts_when_the_store_confirms_it() {
    let (stage, s3) = with_bucket(Dialect::Pterodactyl).await;
    let report = |size: u64| {
        json!({
            "checksum": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "checksum_type": "sha1", "size": size,
            "successful": true, "parts": null,
        })
    };
    let daemon = stage.app.node_client(stage.sim.node());
    let order = format!("/api/servers/{}/backup", stage.server.id);

    // A node that says it has uploaded what it has not.
    stage.sim.fail_next_of("POST", &order, Fault::Status(500));
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    daemon
        .post(&format!("/api/remote/backups/{id}"), report(4096))
        .await
        .ok();
    assert_eq!(stage.shown(&id).await["state"], "verifying");
    assert_eq!(stage.shown(&id).await["is_successful"], false);
    stage.wait_for(&id, "failed").await;

    // A node that lies about the size.
    let key = format!("{}/{id}.tar.gz", stage.server.id);
    std::fs::create_dir_all(s3.object(&key).parent().unwrap()).unwrap();
    std::fs::write(s3.object(&key), b"not four thousand bytes").unwrap();
    daemon
        .post(&format!("/api/remote/backups/{id}"), report(4096))
        .await
        .ok();
    stage.wait_for(&id, "failed").await;
    assert!(
        stage.shown(&id).await["error"]
            .as_str()
            .unwrap()
            .contains("23 bytes")
    );

    // A store that is away when the report comes.
    s3.set_away(true);
    daemon
        .post(&format!("/api/remote/backups/{id}"), report(23))
        .await
        .ok();
    stage.app.run_jobs().await;
    assert_eq!(stage.shown(&id).await["state"], "verifying");
    // The node's word does not count the other way round either.
    let failure = json!({ "checksum": "", "checksum_type": "", "size": 0, "successful": false, "parts": null });
    daemon
        .post(&format!("/api/remote/backups/{id}"), failure)
        .await
        .ok();
    assert_eq!(stage.shown(&id).await["state"], "verifying");
    s3.set_away(false);
    eventually("the store to confirm it", async || {
        stage.later(TimeDelta::seconds(16)).await;
        stage.shown(&id).await["state"] == "successful"
    })
    .await;
}

/// Row N-12: what lies in a bucket is gone when the store says so, whatever a node says.
#[tokio::test]
async fn n_12_an_object_is_deleted_though_a_node_says_it_is_gone() {
    let (stage, s3) = with_bucket(Dialect::CalagopusNext).await;
    let id = stage.make("There").await;
    let object = s3.object(&format!("{}/{id}.tar.gz", stage.server.id));
    assert!(object.exists());
    s3.set_away(true);
    let one = stage.path(&format!("/{id}"));
    stage.owner.delete(&one).await.expect_status(202);
    stage.app.run_jobs().await;
    let daemon = stage.app.node_client(stage.sim.node());
    let gone = json!({ "successful": true });
    daemon
        .post(&format!("/api/remote/backups/{id}/deletion"), gone)
        .await
        .ok();
    assert_eq!(stage.shown(&id).await["deletion_status"], "deleting");
    s3.set_away(false);
    eventually("the backup to be gone", async || {
        stage.later(TimeDelta::minutes(11)).await;
        stage.owner.get(&one).await.status == 404
    })
    .await;
    assert!(!object.exists());
}

/// Row D-17: an upload that came to nothing is called off, and one that is asked for twice goes on.
#[tokio::test]
async fn d_17_an_upload_that_came_to_nothing_is_called_off() {
    let (stage, s3) = with_bucket(Dialect::Pelican).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let order = format!("/api/servers/{}/backup", stage.server.id);
    stage.sim.fail_next_of("POST", &order, Fault::Status(500));
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    let path = format!("/api/remote/backups/{id}");
    let first = daemon.get(&format!("{path}?size=12582912")).await.ok();
    let again = daemon.get(&format!("{path}?size=12582912")).await.ok();
    assert_eq!(first["part_size"], 5 * 1024 * 1024);
    assert_eq!(first["parts"].as_array().unwrap().len(), 3);
    let upload = |answer: &Value| {
        let url = url::Url::parse(answer["parts"][0].as_str().unwrap()).unwrap();
        let id = url.query_pairs().find(|(name, _)| name == "uploadId");
        id.unwrap().1.into_owned()
    };
    assert_eq!(upload(&first), upload(&again));
    let part = first["parts"][0].as_str().unwrap();
    let put = browser()
        .put(part)
        .body(vec![1_u8; 1024])
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), 200);
    assert_eq!(s3.stray_parts(), 1);
    // Row N-11: nothing but this part of this upload is what the address is good for.
    let other = part.replace("partNumber=1", "partNumber=2");
    let put = browser().put(other).body("x").send().await;
    assert_eq!(put.unwrap().status(), 403);
    let got = browser().get(part).send().await.unwrap();
    assert_eq!(got.status(), 403, "a way in is no way out");

    let failed = json!({ "checksum": "", "checksum_type": "", "size": 0, "successful": false, "parts": null });
    daemon.post(&path, failed).await.ok();
    stage.wait_for(&id, "failed").await;
    eventually("the upload to be called off", async || {
        stage.app.run_jobs().await;
        s3.stray_parts() == 0
    })
    .await;
    daemon
        .get(&format!("{path}?size=12582912"))
        .await
        .expect_error(409, "backup_not_in_progress");
}

/// Row R-34: what was uploaded is not called off because its store is away at the deadline, and the report of it was lost.
#[tokio::test]
async fn r_34_an_upload_waits_for_a_store_that_is_away() {
    let (stage, s3) = with_bucket(Dialect::Pterodactyl).await;
    stage
        .sim
        .fail_next_of("REPORT", "/backups/", Fault::DropConnection);
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    // The daemon deletes its own copy when the store has all of it.
    eventually("the upload", async || {
        stage.count(Effect::BackupCreated) == 1 && stage.sim.backups().is_empty()
    })
    .await;
    assert_eq!(s3.stray_parts(), 1);
    s3.set_away(true);
    stage
        .later(TimeDelta::hours(12) + TimeDelta::minutes(1))
        .await;
    assert_eq!(stage.shown(&id).await["state"], "creating");
    assert_eq!(s3.stray_parts(), 1);
    stage.later(TimeDelta::days(4)).await;
    assert_eq!(stage.shown(&id).await["state"], "creating");
    // It is not waited for for ever, nor is there anybody to call the upload off with.
    stage.later(TimeDelta::days(4)).await;
    assert_eq!(stage.shown(&id).await["state"], "failed");
    eventually("nothing to be left to do", async || {
        stage.app.run_jobs().await;
        stage.is_idle().await
    })
    .await;
}

/// Row D-17: an upload that begins while its backup is called off is called off, too: later nobody would know of it.
#[tokio::test]
async fn d_17_no_upload_begins_behind_a_deletion() {
    let (stage, _s3) = with_bucket(Dialect::Pelican).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let order = format!("/api/servers/{}/backup", stage.server.id);
    stage.sim.fail_next_of("POST", &order, Fault::Status(500));
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    let path = format!("/api/remote/backups/{id}?size=1024");
    let delete = format!("UPDATE backups SET deleting_at = now() WHERE id = '{id}'");
    let asked = stage.behind(&delete, daemon.get(&path)).await;
    asked.expect_error(409, "backup_not_in_progress");
    let database = stage.app.database().connect().await;
    let query = "SELECT upload IS NULL FROM backups WHERE id::text = $1";
    let row = database.query_one(query, &[&id]).await.unwrap();
    assert!(row.get::<_, bool>(0), "nobody would call it off");
}

/// An upload that came to nothing at a store that never comes back keeps nobody busy for ever.
#[tokio::test]
async fn an_upload_at_a_store_that_is_gone_is_left_in_the_end() {
    let (stage, s3) = with_bucket(Dialect::Pelican).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let order = format!("/api/servers/{}/backup", stage.server.id);
    stage.sim.fail_next_of("POST", &order, Fault::Status(500));
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    let path = format!("/api/remote/backups/{id}");
    daemon.get(&format!("{path}?size=1024")).await.ok();
    s3.set_away(true);
    let failed = json!({ "checksum": "", "checksum_type": "", "size": 0, "successful": false, "parts": null });
    daemon.post(&path, failed).await.ok();
    stage.later(TimeDelta::hours(13)).await;
    assert_eq!(stage.shown(&id).await["state"], "failed");
    assert!(
        !stage.is_idle().await,
        "the upload is still to be called off"
    );
    stage.later(TimeDelta::days(7)).await;
    eventually("nothing to be left to do", async || {
        stage.app.run_jobs().await;
        stage.is_idle().await
    })
    .await;
}

/// Row N-11: an upload has as many parts as S3 takes, and no more.
#[tokio::test]
async fn n_11_addresses_are_bounded() {
    let (stage, _s3) = with_bucket(Dialect::CalagopusNext).await;
    let daemon = stage.app.node_client(stage.sim.node());
    let order = format!("/api/servers/{}/backup", stage.server.id);
    stage.sim.fail_next_of("POST", &order, Fault::Status(500));
    let id = stage.ask(json!({ "ignored_files": [] })).await;
    let path = format!("/api/remote/backups/{id}");
    let count = |answer: &Value| answer["parts"].as_array().unwrap().len();
    let parts = |from: u32| format!("{path}/s3/parts?from_part={from}");
    assert_eq!(count(&daemon.get(&parts(1)).await.ok()), 50);
    assert_eq!(count(&daemon.get(&parts(9_990)).await.ok()), 11);
    for from in [0, 10_001] {
        daemon
            .get(&parts(from))
            .await
            .expect_error(409, "no_more_parts");
    }
    for size in [0_u64, 1 << 60] {
        let refused = daemon.get(&format!("{path}?size={size}")).await;
        let refused = refused.expect_error(400, "invalid_input");
        let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with("size:"), "{detail}");
    }
    let large = daemon
        .get(&format!("{path}?size={}", 1_u64 << 40))
        .await
        .ok();
    assert!(count(&large) <= 10_000);
    assert!(count(&large) as u64 * large["part_size"].as_u64().unwrap() >= 1 << 40);
}

/// A place in maintenance takes nothing, a place with backups is not removed, and a daemon that does not know a place says so.
#[tokio::test]
async fn a_place_is_used_as_it_can_be() {
    let (stage, s3) = with_bucket(Dialect::Pterodactyl).await;
    let admin = stage.app.admin().await;
    let places = admin.get("/api/admin/backup-configurations").await.ok();
    let place = &places["backup_configurations"]["data"][0];
    let path = format!(
        "/api/admin/backup-configurations/{}",
        place["uuid"].as_str().unwrap()
    );
    assert_eq!(
        place["backup_configs"]["s3"]["bucket"],
        s3.stores().s3.unwrap().bucket
    );
    admin
        .patch(&path, json!({ "maintenance_enabled": true }))
        .await
        .ok();
    let body = json!({ "ignored_files": [] });
    stage
        .owner
        .post(&stage.path(""), &body)
        .await
        .expect_error(409, "backup_configuration_in_maintenance");
    admin
        .patch(&path, json!({ "maintenance_enabled": false }))
        .await
        .ok();
    let id = stage.make("There").await;
    admin
        .delete(&path)
        .await
        .expect_error(409, "backup_configuration_has_backups");
    let listed = admin.get(&format!("{path}/backups")).await.ok();
    assert_eq!(listed["backups"]["data"][0]["uuid"], id);
    assert_eq!(listed["backups"]["data"][0]["is_shared"], true);
    let stats = admin.get(&format!("{path}/stats")).await.ok();
    assert_eq!(stats["all_time"]["successful"], 1);
    let used = admin.get(&format!("{path}/servers")).await.ok();
    assert_eq!(used["servers"]["total"], 1);

    let kopia = json!({
        "name": "Kopia", "maintenance_enabled": false, "shared": true, "backup_disk": "kopia",
        "backup_configs": { "kopia": {
            "url": "https://kopia.example.com", "username": "panel@roost", "password": "secret", "tags": {},
        } },
    });
    let made = admin
        .post("/api/admin/backup-configurations", kopia)
        .await
        .ok();
    let kopia = &made["backup_configuration"]["uuid"];
    let server = format!("/api/admin/servers/{}", stage.server.id);
    admin
        .patch(&server, json!({ "backup_configuration_uuid": kopia }))
        .await
        .ok();
    stage
        .owner
        .post(&stage.path(""), &body)
        .await
        .expect_error(409, "node_lacks_capability");

    // Without a node or key to ask, a backup can still be forgotten.
    s3.set_away(true);
    let node = stage.sim.node().id;
    let one = format!("/api/admin/nodes/{node}/backups/{id}");
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
    admin.delete(&path).await.ok();
    assert_eq!(stage.count(Effect::BackupCreated), 1);
}
