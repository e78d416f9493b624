//! Servers: what their users do with them, and what administrators do.

pub(crate) mod admin;
mod allocations;
mod backups;
mod console;
mod deploy;
mod eggs;
mod features;
mod files;
mod groups;
mod install;
mod mounts;
mod node_away;
mod relay;
mod schedules;
mod settings;
mod subusers;

use std::time::Duration;

use chrono::TimeDelta;
use panel_testkit::factory::{self, Server, User};
use panel_testkit::{Builder, Client, Sim, TestApp};
use serde_json::{Value, json};
use wings_sim::{Dialect, SimOptions};

/// A panel with a simulated node that runs one server, its owner, and the simulator.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) sim: Sim,
    pub(crate) owner: Client,
    pub(crate) account: User,
    pub(crate) server: Server,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(TestApp::builder(), |_| {}).await
    }

    /// As [`set`](Self::set), with a node of this kind.
    pub(crate) async fn of(dialect: Dialect) -> Self {
        Self::with(TestApp::builder(), |options| {
            *options = options.clone().speaking(dialect);
        })
        .await
    }

    /// As [`set`](Self::set), with another panel and another node.
    pub(crate) async fn with(panel: Builder, node: impl FnOnce(&mut SimOptions)) -> Self {
        // With a clock that goes, so that entries of the log have an order.
        let app = panel.system_clock().start().await;
        let sim = Sim::start_with(&app, node).await;
        let account = factory::user(&app, "owner").await;
        let owner = app.sign_in(&account).await;
        let server =
            factory::server_on(&app, owner.user_id(), sim.node(), sim.allocations()[0]).await;
        // A daemon learns of servers when it boots.
        sim.restart().await.unwrap();
        sim.boot_earlier(TimeDelta::minutes(1));
        app.run_jobs().await;
        Self {
            app,
            sim,
            owner,
            account,
            server,
        }
    }

    /// A path below the server's.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("/api/client/servers/{}{below}", self.server.id)
    }

    /// The same in the administration.
    pub(crate) fn admin_path(&self, below: &str) -> String {
        format!("/api/admin/servers/{}{below}", self.server.id)
    }

    /// The server as its owner sees it.
    pub(crate) async fn shown(&self) -> Value {
        self.owner.get(&self.path("")).await.ok()["server"].take()
    }

    /// Waits until a node's report has made the server have this status.
    pub(crate) async fn wait_for_status(&self, status: Value) {
        let waited = tokio::time::timeout(Duration::from_secs(20), async {
            while self.shown().await["status"] != status {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.unwrap();
    }

    /// Names of the entries of the server's log, newest first.
    pub(crate) async fn log(&self) -> Vec<String> {
        let log = self.owner.get(&self.path("/activity")).await.ok();
        names(&log["activities"]["data"], "event")
    }

    /// Makes the server have this status, as if a node had said so.
    pub(crate) async fn put_status(&self, status: Option<&str>) {
        let id = self.server.id;
        let database = self.app.database().connect().await;
        database
            .execute(
                "UPDATE servers SET status = $2 WHERE id::text = $1",
                &[&id.to_string(), &status],
            )
            .await
            .unwrap();
        self.touch().await;
    }

    /// Tells the panel's caches that the server changed behind their back.
    async fn touch(&self) {
        let admin = self.app.admin().await;
        admin
            .patch(&self.admin_path(""), json!({ "name": "Touched" }))
            .await
            .ok();
    }
}

/// The texts of one field of a list.
pub(crate) fn names(list: &Value, field: &str) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry[field].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_are_of_ones_own() {
    let stage = Stage::set().await;
    let stranger = stage.app.user("stranger").await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["control.start"],
    )
    .await;

    let list = stage.owner.get("/api/client/servers").await.ok();
    assert_eq!(list["servers"]["total"], 1);
    let shown = &list["servers"]["data"][0];
    assert_eq!(shown["uuid"], stage.server.id.to_string());
    assert_eq!(shown["permissions"], json!(["*"]));
    assert_eq!(shown["is_owner"], true);
    assert_eq!(shown["allocation"]["port"], 25_565);
    assert_eq!(shown["allocation"]["is_primary"], true);
    assert_eq!(
        *shown,
        stage.shown().await,
        "the list shows what the page shows"
    );

    let list = friend.get("/api/client/servers").await.ok();
    let shown = &list["servers"]["data"][0];
    assert_eq!(shown["permissions"], json!(["control.start"]));
    assert_eq!(shown["is_owner"], false);

    for other in ["false", "true"] {
        let list = stranger
            .get(&format!("/api/client/servers?other={other}"))
            .await
            .ok();
        assert_eq!(list["servers"]["total"], 0, "{other}");
    }
    let admin = stage.app.admin().await;
    let list = admin.get("/api/client/servers?other=true").await.ok();
    assert_eq!(list["servers"]["total"], 1);

    let short = stage.server.id.short();
    let found = stage
        .owner
        .get(&format!("/api/client/servers?search={short}"))
        .await
        .ok();
    assert_eq!(found["servers"]["total"], 1);
    let none = stage
        .owner
        .get("/api/client/servers?search=nothing%20like%20it")
        .await
        .ok();
    assert_eq!(none["servers"]["total"], 0);
}

#[tokio::test]
async fn a_server_is_named_by_its_uuid_or_its_first_digits() {
    let stage = Stage::set().await;
    let short = stage.server.id.short();
    let by_short = stage
        .owner
        .get(&format!("/api/client/servers/{short}"))
        .await
        .ok();
    assert_eq!(by_short["server"]["uuid"], stage.server.id.to_string());
    let stranger = stage.app.user("stranger").await;
    for name in [stage.server.id.to_string(), short.to_string()] {
        stranger
            .get(&format!("/api/client/servers/{name}"))
            .await
            .expect_error(404, "server_not_found");
    }
    stage
        .owner
        .get("/api/client/servers/not-an-id")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn addresses_in_the_log_are_for_those_who_may_see_them() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["activity.read", "settings.rename"],
    )
    .await;
    for client in [&stage.owner, &friend] {
        client
            .post(
                &stage.path("/settings/rename"),
                json!({ "name": "Renamed" }),
            )
            .await
            .ok();
    }
    let log = stage.owner.get(&stage.path("/activity")).await.ok();
    let entries = &log["activities"]["data"];
    assert_eq!(names(entries, "event"), ["server:settings.rename"; 2]);
    assert!(entries[0]["ip"].is_string() && entries[1]["ip"].is_string());
    assert_eq!(entries[0]["user"]["username"], "friend");
    assert_eq!(entries[0]["is_api"], false);

    let log = friend.get(&stage.path("/activity")).await.ok();
    let entries = &log["activities"]["data"];
    assert!(entries[0]["ip"].is_string(), "one's own is shown");
    assert_eq!(entries[1]["ip"], Value::Null, "the owner's is not");

    let by = friend.user_id();
    let log = stage
        .owner
        .get(&stage.path(&format!("/activity?user={by}&search=rename")))
        .await
        .ok();
    assert_eq!(log["activities"]["total"], 1);
}

/// The texts of a list.
pub(crate) fn names_of(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry.as_str().unwrap_or_default().to_owned())
        .collect()
}
