//! A worker is killed in the middle of an installation: another takes over, and nothing happens twice on the node.

use std::time::Duration;

use panel_testkit::{ENCRYPTION_KEY, TestApp, factory};
use serde_json::{Value, json};
use wings_sim::{Effect, Mode};

use crate::{Worker, free_port};

/// What of a server's installation a node's ledger shows.
pub(crate) fn installations(sim: &panel_testkit::Sim, server: uuid::Uuid) -> Vec<Effect> {
    sim.ledger()
        .into_iter()
        .filter(|entry| entry.server == server)
        .map(|entry| entry.effect)
        .filter(|effect| {
            matches!(
                effect,
                Effect::Created
                    | Effect::InstallStarted
                    | Effect::ReinstallStarted
                    | Effect::InstallResumed
                    | Effect::InstallFinished
            )
        })
        .collect()
}

/// A worker beside `app`, and the port of its metrics.
pub(crate) fn worker(app: &TestApp, failpoint: Option<&str>) -> (Worker, String) {
    let port = free_port();
    let mut environment = vec![
        ("DATABASE_URL", app.database().url()),
        ("REDIS_URL", app.redis().url()),
        ("APP_ENCRYPTION_KEY", ENCRYPTION_KEY),
        ("APP_URL", app.url().as_str()),
        ("APP_OPS_PORT", port.as_str()),
    ];
    if let Some(failpoint) = failpoint {
        environment.push(("ROOST_FAILPOINT", failpoint));
    }
    (Worker::start(&environment), port)
}

pub(crate) async fn until_installed(admin: &panel_testkit::Client, server: &str) -> Value {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        let answer = admin.get(&format!("/api/admin/servers/{server}")).await;
        assert!(answer.is_success(), "{}", answer.describe());
        let server = answer.json["server"].clone();
        if server["status"].is_null() {
            return server;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "still {}",
            server["status"]
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// An order of a server on `sim`.
pub(crate) async fn order(
    app: &TestApp,
    sim: &panel_testkit::Sim,
    admin: &panel_testkit::Client,
) -> Value {
    let egg = factory::egg(app).await;
    let mut order = factory::server_order(sim.node(), admin, &egg);
    order["allocation_uuid"] = json!(sim.allocations()[0]);
    order
}

async fn killed_at(failpoint: &str) {
    let app = TestApp::builder().system_clock().start().await;
    let sim = panel_testkit::Sim::start_with(&app, |options| {
        options.mode = Mode::Automatic;
        options.pace = Duration::from_millis(5);
    })
    .await;
    let admin = app.admin().await;
    let body = order(&app, &sim, &admin).await;
    let (mut first, _) = worker(&app, Some(failpoint));
    first.until("This worker leads");
    let answer = admin.post("/api/admin/servers", body).await;
    assert!(answer.is_success(), "{}", answer.describe());
    let server = answer.json["server"]["uuid"].as_str().unwrap().to_owned();
    first.until("Stopped at a failpoint");
    let (mut second, _) = worker(&app, None);
    second.until("Standing by for work");
    first.kill();
    second.until("This worker leads");
    until_installed(&admin, &server).await;
    assert_eq!(
        installations(&sim, server.parse().unwrap()),
        [
            Effect::Created,
            Effect::InstallStarted,
            Effect::InstallFinished
        ],
        "killed at {failpoint}"
    );
    assert!(second.terminate());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_call_to_the_node() {
    killed_at("install.calling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_call_before_it_is_recorded() {
    killed_at("install.called").await;
}
