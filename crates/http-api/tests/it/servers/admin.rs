//! What administrators do with servers.

use std::time::Duration;

use panel_testkit::factory::{self, Egg, Node};
use panel_testkit::{Client, Sim, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;
use wings_sim::Effect;

use super::Stage;

pub(crate) fn order(node: &Node, owner: &Client, egg: &Egg) -> Value {
    let mut order = factory::server_order(node, owner, egg);
    order["variables"] = json!([{ "env_variable": "START_COMMAND", "value": "./run" }]);
    order
}

struct Shop {
    app: TestApp,
    sim: Sim,
    admin: Client,
    owner: Client,
    egg: Egg,
}

impl Shop {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let sim = app.sim().await;
        let admin = app.admin().await;
        let owner = app.user("owner").await;
        let egg = factory::egg(&app).await;
        app.run_jobs().await;
        Self {
            app,
            sim,
            admin,
            owner,
            egg,
        }
    }

    fn order(&self) -> Value {
        order(self.sim.node(), &self.owner, &self.egg)
    }
}

#[tokio::test]
async fn a_server_is_made_and_installed() {
    let shop = Shop::open().await;
    let mut order = shop.order();
    order["allocation_uuid"] = json!(shop.sim.allocations()[0]);
    order["allocation_uuids"] = json!([shop.sim.allocations()[1]]);
    order["external_id"] = json!("order-7");
    let made = shop.admin.post("/api/admin/servers", &order).await.ok();
    let server = &made["server"];
    assert_eq!(server["status"], "installing");
    assert_eq!(server["allocation"]["port"], 25_565);
    assert_eq!(server["owner"]["username"], "owner");
    assert_eq!(server["limits"]["memory"], 1024);
    let id: Uuid = server["uuid"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 4);

    shop.app.run_jobs().await;
    shop.sim
        .wait_for_ledger("the installation", |ledger| {
            ledger.iter().any(|e| e.effect == Effect::InstallStarted)
        })
        .await
        .unwrap();
    shop.sim.finish_install(id, true).await.unwrap();
    let path = format!("/api/admin/servers/{id}");
    let read = installed(&shop.admin, &path).await;
    let by_external = shop
        .admin
        .get("/api/admin/servers/external/order-7")
        .await
        .ok();
    assert_eq!(by_external, read);
    let list = shop.admin.get("/api/admin/servers?search=Surv").await.ok();
    assert_eq!(list["servers"]["data"][0], read["server"]);
    let variables = shop.admin.get(&format!("{path}/variables")).await.ok();
    assert_eq!(variables["variables"][0]["value"], "./run");
    let seen = shop
        .owner
        .get(&format!("/api/client/servers/{id}"))
        .await
        .ok();
    assert_eq!(seen["server"]["is_owner"], true);
}

/// The server at `path`, once its node has reported that it is installed.
async fn installed(admin: &Client, path: &str) -> Value {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let read = admin.get(path).await.ok();
            if read["server"]["status"] == Value::Null {
                return read;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.unwrap()
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let shop = Shop::open().await;
    let mut order = shop.order();
    order["name"] = json!("");
    order["image"] = json!("-v /:/host");
    order["owner_uuid"] = json!(Uuid::from_u128(1));
    order["limits"]["memory"] = json!(-1);
    order["feature_limits"]["backups"] = json!(-1);
    order["pinned_cpus"] = json!([1, 1]);
    order["variables"] = json!([{ "env_variable": "START_COMMAND", "value": "" }]);
    shop.admin
        .post("/api/admin/servers", &order)
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&[
            "name",
            "image",
            "limits.memory",
            "feature_limits.backups",
            "pinned_cpus",
            "owner_uuid",
            "variables.START_COMMAND",
        ]);
    for field in ["node_uuid", "egg_uuid", "backup_configuration_uuid"] {
        let mut order = shop.order();
        order[field] = json!(Uuid::from_u128(1));
        shop.admin
            .post("/api/admin/servers", &order)
            .await
            .expect_status(400)
            .expect_fields(&[field]);
    }
    shop.app.assert_no_jobs().await;
}

#[tokio::test]
async fn an_address_belongs_to_one_server_and_its_node() {
    let shop = Shop::open().await;
    let mut order = shop.order();
    order["allocation_uuid"] = json!(shop.sim.allocations()[0]);
    order["external_id"] = json!("order-7");
    shop.admin.post("/api/admin/servers", &order).await.ok();
    shop.admin
        .post("/api/admin/servers", &order)
        .await
        .expect_error(409, "taken")
        .expect_fields(&["external_id"]);
    order["external_id"] = json!(null);
    shop.admin
        .post("/api/admin/servers", &order)
        .await
        .expect_error(409, "taken")
        .expect_fields(&["allocation_uuid"]);
    let elsewhere = factory::node(&shop.app).await;
    let foreign = factory::allocations(&shop.app, elsewhere.id, 30_000..=30_000).await;
    order["allocation_uuid"] = json!(foreign[0]);
    shop.admin
        .post("/api/admin/servers", &order)
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["allocation_uuid"]);
    let list = shop.admin.get("/api/admin/servers").await.ok();
    assert_eq!(list["servers"]["total"], 1);
}

#[tokio::test]
async fn a_server_is_changed() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    let heir = stage.app.user("heir").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        heir.user_id(),
        &["control.start"],
    )
    .await;
    admin
        .patch(
            &stage.admin_path(""),
            json!({
                "owner_uuid": heir.user_id(),
                "name": "Moved",
                "description": "now theirs",
                "external_id": "order-8",
                "limits": { "cpu": 0, "memory": 2048, "memory_overhead": 128, "swap": -1, "disk": 0, "io_weight": 500 },
                "feature_limits": { "allocations": 2, "databases": 0, "backups": 1, "schedules": 3 },
                "auto_kill": { "enabled": true, "seconds": 45 },
                "auto_start_behavior": "never",
                "pinned_cpus": [0, 1],
                "timezone": "UTC",
                "image": "example.com/custom:1",
            }),
        )
        .await
        .ok();
    let shown = admin.get(&stage.admin_path("")).await.ok();
    let shown = &shown["server"];
    assert_eq!(shown["owner"]["username"], "heir");
    assert_eq!(shown["name"], "Moved");
    assert_eq!(shown["limits"]["io_weight"], 500);
    assert_eq!(shown["feature_limits"]["schedules"], 3);
    assert_eq!(shown["auto_start_behavior"], "never");
    assert_eq!(shown["image"], "example.com/custom:1");
    stage
        .owner
        .get(&stage.path(""))
        .await
        .expect_error(404, "server_not_found");
    let seen = heir.get(&stage.path("")).await.ok();
    assert_eq!(seen["server"]["permissions"], json!(["*"]));
    let people = heir.get(&stage.path("/subusers")).await.ok();
    assert_eq!(
        people["subusers"]["total"], 0,
        "an owner is not a subuser too"
    );

    admin
        .patch(
            &stage.admin_path(""),
            json!({ "name": "", "auto_kill": { "enabled": true, "seconds": 0 } }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["name", "auto_kill.seconds"]);
    for field in ["owner_uuid", "egg_uuid"] {
        admin
            .patch(&stage.admin_path(""), json!({ field: Uuid::from_u128(1) }))
            .await
            .expect_status(400)
            .expect_fields(&[field]);
    }
    assert_eq!(
        admin
            .put(
                &stage.admin_path("/variables"),
                json!({ "variables": [{ "env_variable": "START_COMMAND", "value": "./b" }] })
            )
            .await
            .ok(),
        json!({})
    );
}

#[tokio::test]
async fn a_server_is_deleted() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    admin.delete(&stage.admin_path("")).await.ok();
    stage
        .owner
        .get(&stage.path(""))
        .await
        .expect_error(404, "server_not_found");
    let list = stage.owner.get("/api/client/servers").await.ok();
    assert_eq!(list["servers"]["total"], 0);
    admin.delete(&stage.admin_path("")).await.ok();
    stage.app.run_jobs().await;
    let deleted = stage
        .sim
        .ledger()
        .iter()
        .filter(|e| e.effect == Effect::Deleted)
        .count();
    assert_eq!(deleted, 1);
    admin
        .get(&stage.admin_path(""))
        .await
        .expect_error(404, "server_not_found");
    admin
        .delete(&stage.admin_path(""))
        .await
        .expect_error(404, "server_not_found");
}

#[tokio::test]
async fn a_server_of_a_dead_node_is_forgotten_by_force() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    stage.sim.kill().await;
    admin.delete(&stage.admin_path("")).await.ok();
    stage.app.run_jobs().await;
    assert!(admin.get(&stage.admin_path("")).await.is_success());
    admin
        .request(reqwest::Method::DELETE, &stage.admin_path(""))
        .json(json!({ "force": true }))
        .send()
        .await
        .ok();
    stage.app.run_jobs().await;
    admin
        .get(&stage.admin_path(""))
        .await
        .expect_error(404, "server_not_found");
}

#[tokio::test]
async fn a_stuck_server_is_made_ready() {
    let stage = Stage::set().await;
    let admin = stage.app.admin().await;
    stage
        .owner
        .post(
            &stage.path("/settings/install"),
            json!({ "truncate_directory": false }),
        )
        .await
        .expect_status(202);
    admin
        .post(&stage.admin_path("/clear-state"), json!({}))
        .await
        .ok();
    assert_eq!(stage.shown().await["status"], Value::Null);
    stage.app.run_jobs().await;
    let began = stage
        .sim
        .ledger()
        .iter()
        .any(|e| e.effect == Effect::ReinstallStarted);
    assert!(!began, "what was called off does not begin");
}

#[tokio::test]
async fn each_part_of_the_administration_has_its_permission() {
    let stage = Stage::set().await;
    let nobody = stage.app.holder(&["users.read"], &[]).await;
    let order = order(&stage.server.node, &stage.owner, &stage.server.egg);
    let answers = [
        nobody.get("/api/admin/servers").await,
        nobody.post("/api/admin/servers", order).await,
        nobody.get("/api/admin/servers/external/x").await,
        nobody.get(&stage.admin_path("")).await,
        nobody
            .patch(&stage.admin_path(""), json!({ "name": "x" }))
            .await,
        nobody.delete(&stage.admin_path("")).await,
        nobody.get(&stage.admin_path("/variables")).await,
        nobody
            .put(&stage.admin_path("/variables"), json!({ "variables": [] }))
            .await,
        nobody
            .post(&stage.admin_path("/clear-state"), json!({}))
            .await,
        nobody.get(&stage.admin_path("/logs?lines=1")).await,
        nobody.get(&stage.admin_path("/logs/install?lines=1")).await,
    ];
    for answer in answers {
        answer.expect_error(403, "permission_denied");
    }
}
