//! Backups: from the wish to the archive, on each kind of daemon.

mod bucket;
mod delete;
mod killed;
mod policies;
mod reports;
mod restore;
mod scheduled;

use panel_service::operations::{check_nodes, reconcile_operations};
use panel_testkit::factory::{self, Server};
use panel_testkit::{Client, Sim, TestApp, eventually};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect};

use super::files::links::browser;

/// A panel with a node of one kind that runs a server, and the server's owner.
pub(super) struct Stage {
    pub(super) app: TestApp,
    pub(super) sim: Sim,
    pub(super) owner: Client,
    pub(super) server: Server,
}

const DIALECTS: [Dialect; 4] = [
    Dialect::Pterodactyl,
    Dialect::Pelican,
    Dialect::Calagopus,
    Dialect::CalagopusNext,
];

impl Stage {
    pub(super) async fn set(dialect: Dialect) -> Self {
        let app = TestApp::builder().local_cache(false).start().await;
        let sim = Sim::start_with(&app, |options| {
            *options = options.clone().speaking(dialect);
        })
        .await;
        let owner = app.user("owner").await;
        let server =
            factory::server_on(&app, owner.user_id(), sim.node(), sim.allocations()[0]).await;
        // A daemon learns of servers when it boots, and the panel what it is when it asks.
        sim.restart().await.unwrap();
        check_nodes(&app.service().system()).await.unwrap();
        app.redis().flush().await;
        // A daemon refuses tokens that seem to be older than itself, and tokens are dated back a little.
        app.clock().advance(chrono::TimeDelta::seconds(10));
        app.run_jobs().await;
        Self {
            app,
            sim,
            owner,
            server,
        }
    }

    /// A path below the server's backups.
    pub(super) fn path(&self, below: &str) -> String {
        format!("/api/client/servers/{}/backups{below}", self.server.id)
    }

    /// Asks for a backup, and has its node told.
    pub(super) async fn ask(&self, body: Value) -> String {
        let made = self.owner.post(&self.path(""), body).await.ok();
        self.app.run_jobs().await;
        made["backup"]["uuid"].as_str().unwrap().to_owned()
    }

    /// Makes a backup.
    pub(super) async fn make(&self, name: &str) -> String {
        let id = self.ask(json!({ "name": name, "ignored_files": [] })).await;
        self.wait_for(&id, "successful").await;
        id
    }

    pub(super) async fn shown(&self, id: &str) -> Value {
        let answer = self.owner.get(&self.path(&format!("/{id}"))).await;
        answer.ok()["backup"].take()
    }

    /// Waits until a backup is so far, having done what there is to do.
    pub(super) async fn wait_for(&self, id: &str, state: &str) {
        eventually(&format!("the backup to be {state}"), async || {
            self.app.run_jobs().await;
            self.shown(id).await["state"] == state
        })
        .await;
    }

    pub(super) async fn wait_for_status(&self, status: Value) {
        let path = format!("/api/client/servers/{}", self.server.id);
        eventually("the server's status", async || {
            self.app.run_jobs().await;
            self.owner.get(&path).await.ok()["server"]["status"] == status
        })
        .await;
    }

    /// Lets this time pass, and looks after everything that was waiting for it.
    pub(super) async fn later(&self, time: chrono::TimeDelta) {
        self.app.clock().advance(time);
        let system = self.app.service().system();
        reconcile_operations(&system).await.unwrap();
        self.app.run_jobs().await;
    }

    /// Does something while rows are being changed: it meets the change when it asks for their lock.
    pub(super) async fn behind<T>(&self, change: &str, doing: impl Future<Output = T>) -> T {
        let database = self.app.database();
        let (holder, watcher) = (database.connect().await, database.connect().await);
        holder
            .batch_execute(&format!("BEGIN; {change}"))
            .await
            .unwrap();
        let query = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock')";
        let release = async {
            eventually("somebody to wait for the rows", async || {
                watcher.query_one(query, &[]).await.unwrap().get(0)
            })
            .await;
            holder.batch_execute("COMMIT").await.unwrap();
        };
        tokio::join!(doing, release).0
    }

    /// Whether nothing is left to be done.
    pub(super) async fn is_idle(&self) -> bool {
        let database = self.app.database().connect().await;
        let query = "SELECT NOT EXISTS (SELECT FROM jobs) \
                     AND NOT EXISTS (SELECT FROM operations WHERE finished_at IS NULL)";
        database.query_one(query, &[]).await.unwrap().get(0)
    }

    pub(super) fn count(&self, effect: Effect) -> usize {
        let ledger = self.sim.ledger();
        ledger.iter().filter(|entry| entry.effect == effect).count()
    }
}

/// The line of 5.7 to 5.9 of the reference, as each daemon does it.
#[tokio::test]
async fn a_backup_is_made_shown_locked_put_back_and_deleted() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        let id = stage
            .ask(json!({ "name": "Before the update", "ignored_files": ["*.log"] }))
            .await;
        stage.wait_for(&id, "successful").await;
        let shown = stage.shown(&id).await;
        assert_eq!(shown["name"], "Before the update");
        assert_eq!(shown["ignored_files"], json!(["*.log"]));
        assert_eq!(shown["is_successful"], true);
        assert!(
            shown["checksum"].as_str().unwrap().starts_with("sha1:"),
            "{shown}"
        );
        assert!(shown["bytes"].as_i64().unwrap() > 0, "{shown}");
        assert!(shown["completed"].is_string(), "{shown}");
        assert_eq!(stage.sim.backups().len(), 1, "{dialect:?}");

        let listed = stage.owner.get(&stage.path("?search=update")).await.ok();
        assert_eq!(listed["backups"]["total"], 1);
        assert_eq!(listed["backups"]["data"][0], shown);
        let none = stage.owner.get(&stage.path("?search=nothing")).await.ok();
        assert_eq!(none["backups"]["total"], 0);

        let link = stage
            .owner
            .get(&stage.path(&format!("/{id}/download?archive_format=tar_gz")))
            .await
            .ok();
        let fetched = browser().get(link["url"].as_str().unwrap());
        let fetched = fetched.send().await.unwrap();
        assert_eq!(fetched.status(), 200, "{dialect:?}");
        let bytes = fetched.bytes().await.unwrap();
        assert_eq!(shown["bytes"], bytes.len());

        let one = stage.path(&format!("/{id}"));
        stage
            .owner
            .patch(&one, json!({ "name": "Kept", "locked": true }))
            .await
            .ok();
        stage
            .owner
            .request(panel_testkit::Method::DELETE, &one)
            .json(json!({}))
            .send()
            .await
            .expect_error(409, "backup_locked");
        stage
            .owner
            .patch(&one, json!({ "locked": false }))
            .await
            .ok();

        stage
            .owner
            .post(
                &format!("{one}/restore"),
                json!({ "truncate_directory": true }),
            )
            .await
            .ok();
        stage
            .owner
            .post(&format!("{one}/restore"), json!({}))
            .await
            .expect_error(409, "server_restoring_backup");
        stage.wait_for_status(Value::Null).await;
        assert_eq!(stage.count(Effect::BackupRestored), 1, "{dialect:?}");

        stage.owner.delete(&one).await.expect_status(202);
        assert_eq!(stage.shown(&id).await["deletion_status"], "deleting");
        eventually("the backup to be gone", async || {
            stage.app.run_jobs().await;
            stage.owner.get(&one).await.status == 404
        })
        .await;
        assert!(stage.sim.backups().is_empty(), "{dialect:?}");
        stage.app.assert_no_jobs().await;
    }
}

/// Row R-22 and row A-16: the limit holds however many ask at once.
#[tokio::test]
async fn r_22_no_more_backups_are_made_than_the_limit_allows() {
    let stage = Stage::set(Dialect::Pelican).await;
    let mut attempts = tokio::task::JoinSet::new();
    for i in 0..9 {
        let (owner, path) = (
            stage.owner.from_address([192, 0, 2, i].into()),
            stage.path(""),
        );
        let body = json!({ "name": format!("B{i}"), "ignored_files": [] });
        attempts.spawn(async move { owner.post(&path, body).await.status });
    }
    let statuses = attempts.join_all().await;
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(count(200), 5, "{statuses:?}");
    assert_eq!(count(409), 4, "{statuses:?}");
    let listed = stage.owner.get(&stage.path("")).await.ok();
    assert_eq!(listed["backups"]["total"], 5);
    eventually("all of them to be made", async || {
        stage.app.run_jobs().await;
        stage.count(Effect::BackupCreated) == 5
    })
    .await;
}

/// What failed or is being deleted takes no room.
#[tokio::test]
async fn d_14_only_what_is_there_or_being_made_counts() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    let mut ids = Vec::new();
    for i in 0..5 {
        ids.push(stage.make(&format!("B{i}")).await);
    }
    let body = json!({ "ignored_files": [] });
    stage
        .owner
        .post(&stage.path(""), &body)
        .await
        .expect_error(409, "backup_limit_reached");
    stage.sim.pause();
    let one = stage.path(&format!("/{}", ids[0]));
    stage.owner.delete(&one).await.expect_status(202);
    stage.owner.post(&stage.path(""), &body).await.ok();
    stage.sim.resume();
}

#[tokio::test]
async fn groups_keep_as_many_as_they_say() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let group = stage
        .owner
        .post(
            &stage.path("/groups"),
            json!({ "name": "Nightly", "retention_count": 2 }),
        )
        .await
        .ok();
    let group = group["backup_group"]["uuid"].as_str().unwrap().to_owned();
    stage
        .owner
        .post(&stage.path("/groups"), json!({ "name": "Nightly" }))
        .await
        .expect_status(409)
        .expect_fields(&["name"]);
    let mut ids = Vec::new();
    for i in 0..4 {
        let id = stage
            .ask(
                json!({ "name": format!("B{i}"), "ignored_files": [], "backup_group_uuid": group }),
            )
            .await;
        stage.wait_for(&id, "successful").await;
        if i == 0 {
            let one = stage.path(&format!("/{id}"));
            stage
                .owner
                .patch(&one, json!({ "locked": true }))
                .await
                .ok();
        }
        ids.push(id);
    }
    let inside = stage.path(&format!("/groups/{group}"));
    eventually("the backups that are too many to be gone", async || {
        stage.app.run_jobs().await;
        stage.owner.get(&inside).await.ok()["backups"]["total"] == 3
    })
    .await;
    let listed = stage.owner.get(&inside).await.ok();
    let left = super::names(&listed["backups"]["data"], "uuid");
    assert_eq!(
        left,
        [&ids[3], &ids[2], &ids[0]].map(String::clone),
        "the locked one stays"
    );
    let groups = stage.owner.get(&stage.path("/groups")).await.ok();
    let shown = &groups["backup_groups"][0];
    assert_eq!(shown["total_backups"], 3);
    assert_eq!(shown["usable_unlocked_backups"], 2);

    stage
        .owner
        .patch(
            &inside,
            json!({ "retention_count": null, "retention_days": 4 }),
        )
        .await
        .ok();
    stage.app.clock().advance(chrono::TimeDelta::days(5));
    panel_service::operations::prune_backups(&stage.app.service().system())
        .await
        .unwrap();
    eventually("the backups that are too old to be gone", async || {
        stage.app.run_jobs().await;
        stage.owner.get(&inside).await.ok()["backups"]["total"] == 1
    })
    .await;
    stage
        .owner
        .request(panel_testkit::Method::DELETE, &inside)
        .json(json!({ "lock_backups": true }))
        .send()
        .await
        .ok();
    let listed = stage.owner.get(&stage.path("?ungrouped=true")).await.ok();
    assert_eq!(listed["backups"]["total"], 1);
}

/// Deleting a server takes its backups along when that is asked for; else they stay, and belong to nobody.
#[tokio::test]
async fn backups_of_a_deleted_server_stay_unless_they_are_to_go() {
    for (dialect, along, left) in [
        (Dialect::Pterodactyl, false, 1),
        (Dialect::Pterodactyl, true, 0),
        (Dialect::Calagopus, false, 1),
        (Dialect::Calagopus, true, 0),
        // It deletes what it keeps of a server together with it.
        (Dialect::Pelican, false, 0),
    ] {
        let stage = Stage::set(dialect).await;
        stage.make("Kept").await;
        let admin = stage.app.admin().await;
        let path = format!("/api/admin/servers/{}", stage.server.id);
        admin
            .request(panel_testkit::Method::DELETE, &path)
            .json(json!({ "force": false, "delete_backups": along }))
            .send()
            .await
            .ok();
        eventually("the server to be gone", async || {
            stage.app.clock().advance(chrono::TimeDelta::seconds(3));
            stage.app.run_jobs().await;
            admin.get(&path).await.status == 404
        })
        .await;
        let node = stage.sim.node().id;
        let backups = format!("/api/admin/nodes/{node}/backups");
        let listed = admin.get(&backups).await.ok();
        assert_eq!(listed["backups"]["total"], left, "{dialect:?} {along}");
        let detached = admin.get(&format!("{backups}?detached=true")).await.ok();
        assert_eq!(detached["backups"]["total"], left, "{dialect:?} {along}");
        if left == 0 {
            continue;
        }
        let id = detached["backups"]["data"][0]["uuid"].as_str().unwrap();
        let one = format!("{backups}/{id}");
        admin
            .request(panel_testkit::Method::DELETE, &one)
            .json(json!({ "force": false }))
            .send()
            .await
            .ok();
        eventually("the backup to be gone", async || {
            stage.app.run_jobs().await;
            admin.get(&one).await.status == 404
        })
        .await;
        // The daemons in Go delete nothing of a server that they do not have.
        let files = usize::from(dialect == Dialect::Pterodactyl);
        assert_eq!(stage.sim.backups().len(), files, "{dialect:?}");
        let database = stage.app.database().connect().await;
        let query = "SELECT error IS NOT NULL FROM operations ORDER BY id DESC LIMIT 1";
        let noted: bool = database.query_one(query, &[]).await.unwrap().get(0);
        assert_eq!(noted, files == 1, "what may be left behind is noted");
    }
}

/// Rows A-05 and B-44: a backup of another server is not found, and nothing happens to it.
#[tokio::test]
async fn a_05_backups_of_other_servers_are_not_found() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    let stranger = stage.app.user("stranger").await;
    let address = stage.sim.allocations()[1];
    let other = factory::server_on(&stage.app, stranger.user_id(), stage.sim.node(), address).await;
    let theirs = factory::backup(&stage.app, &other).await;
    let group = factory::backup_group(&stage.app, &other).await;
    let own = factory::backup(&stage.app, &stage.server).await;
    for (method, below, body) in [
        ("GET", format!("/{theirs}"), json!({})),
        ("PATCH", format!("/{theirs}"), json!({ "name": "Mine" })),
        ("DELETE", format!("/{theirs}"), json!({})),
        ("GET", format!("/{theirs}/download"), json!({})),
        ("GET", format!("/{theirs}/query"), json!({})),
        ("POST", format!("/{theirs}/restore"), json!({})),
        ("GET", format!("/groups/{group}"), json!({})),
        (
            "PATCH",
            format!("/groups/{group}"),
            json!({ "name": "Mine" }),
        ),
        ("DELETE", format!("/groups/{group}"), json!({})),
    ] {
        let request = stage
            .owner
            .request(method.parse().unwrap(), &stage.path(&below));
        let answer = match method {
            "GET" => request.send().await,
            _ => request.json(body).send().await,
        };
        assert_eq!(
            answer.status,
            404,
            "{method} {below}: {}",
            answer.describe()
        );
    }
    let one = stage.path(&format!("/{own}"));
    stage
        .owner
        .patch(&one, json!({ "backup_group_uuid": group }))
        .await
        .expect_fields(&["backup_group_uuid"]);
    stage
        .owner
        .post(
            &stage.path(""),
            json!({ "ignored_files": [], "backup_group_uuid": group }),
        )
        .await
        .expect_fields(&["backup_group_uuid"]);
    let path = format!("/api/client/servers/{}/backups/{theirs}", other.id);
    let shown = stranger.get(&path).await.ok();
    assert_eq!(shown["backup"]["deletion_status"], Value::Null);
    assert_eq!(shown["backup"]["state"], "successful");
}
