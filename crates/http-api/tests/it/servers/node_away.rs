//! A node goes away in the middle of an installation and comes back.

use panel_service::operations::check_nodes;
use panel_testkit::{TestApp, eventually, factory};
use serde_json::{Value, json};
use uuid::Uuid;
use wings_sim::Effect;

use super::admin::order;

#[tokio::test]
async fn the_installation_ends_by_itself_when_the_node_is_back() {
    let app = TestApp::start().await;
    let sim = app.sim().await;
    let admin = app.admin().await;
    let owner = app.user("owner").await;
    let egg = factory::egg(&app).await;
    app.run_jobs().await;
    let made = admin
        .post("/api/admin/servers", order(sim.node(), &owner, &egg))
        .await
        .ok();
    let id: Uuid = made["server"]["uuid"].as_str().unwrap().parse().unwrap();
    app.run_jobs().await;
    sim.wait_for_ledger("the installation", |ledger| {
        ledger.iter().any(|e| e.effect == Effect::InstallStarted)
    })
    .await
    .unwrap();

    sim.kill().await;
    check_nodes(&app.service().system()).await.unwrap();
    // Lists show what is known and ask nobody; what is live says that there is no answer.
    let list = owner.get("/api/client/servers").await.ok();
    assert_eq!(list["servers"]["data"][0]["status"], "installing");
    let node = sim.node().id;
    let status = admin
        .get(&format!("/api/admin/nodes/{node}/status"))
        .await
        .ok();
    assert_eq!(status["reachable"], false);
    let away = owner
        .get(&format!("/api/client/servers/nodes/{node}/resources"))
        .await
        .expect_error(503, "node_unreachable");
    assert_eq!(away.header("retry-after"), Some("5"));

    sim.restart().await.unwrap();
    app.clock().advance(chrono::TimeDelta::minutes(1));
    app.run_jobs().await;
    sim.finish_install(id, true).await.unwrap();
    let path = format!("/api/admin/servers/{id}");
    eventually("the server is installed", async || {
        admin.get(&path).await.ok()["server"]["status"] == Value::Null
    })
    .await;
    let created = sim
        .ledger()
        .iter()
        .filter(|e| e.effect == Effect::Created)
        .count();
    assert_eq!(created, 1, "{}", json!(sim.ledger()));
}
