//! A worker is killed while a server moves between nodes: another takes over, and exactly one node has the server in the end.

use std::time::Duration;

use panel_testkit::{Client, Sim, TestApp, eventually};
use serde_json::{Value, json};
use wings_sim::{Effect, Fault, Mode};

use crate::takeover::{order, until_installed, worker};

async fn daemon(app: &TestApp) -> Sim {
    Sim::start_with(app, |options| {
        options.mode = Mode::Automatic;
        options.pace = Duration::from_millis(5);
    })
    .await
}

fn count(sim: &Sim, server: uuid::Uuid, effect: Effect) -> usize {
    let ledger = sim.ledger();
    let of_it = |entry: &&wings_sim::LedgerEntry| entry.server == server && entry.effect == effect;
    ledger.iter().filter(of_it).count()
}

/// Two nodes, a server on the first, and what moves it to the second.
struct Scene {
    app: TestApp,
    source: Sim,
    destination: Sim,
    admin: Client,
    server: uuid::Uuid,
}

impl Scene {
    async fn set() -> Self {
        let app = TestApp::builder().system_clock().start().await;
        let (source, destination) = (daemon(&app).await, daemon(&app).await);
        let admin = app.admin().await;
        for sim in [&source, &destination] {
            let status = format!("/api/admin/nodes/{}/status", sim.node().id);
            admin.get(&status).await.ok();
        }
        let body = order(&app, &source, &admin).await;
        let made = admin.post("/api/admin/servers", body).await.ok();
        let server = made["server"]["uuid"].as_str().unwrap().to_owned();
        let (mut first, _) = worker(&app, None);
        first.until("This worker leads");
        until_installed(&admin, &server).await;
        assert!(first.terminate());
        Self {
            server: server.parse().unwrap(),
            app,
            source,
            destination,
            admin,
        }
    }

    async fn begin(&self) {
        let order = json!({
            "node_uuid": self.destination.node().id, "allocation_uuid": self.destination.allocations()[0],
            "allocation_uuids": [], "backups": [], "delete_source_backups": false, "archive_format": "tar_gz",
            "compression_level": null, "multiplex_channels": 0,
        });
        let path = format!("/api/admin/servers/{}/transfer", self.server);
        self.admin.post(&path, order).await.expect_status(202);
    }

    async fn shown(&self) -> Value {
        let path = format!("/api/admin/servers/{}", self.server);
        self.admin.get(&path).await.ok()["server"].take()
    }

    async fn until_on(&self, sim: &Sim) {
        let node = sim.node().id.to_string();
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        loop {
            let shown = self.shown().await;
            if shown["node"]["uuid"] == node && shown["is_transferring"] == false {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "still {shown}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn killed_at(failpoint: &str) {
    let scene = Scene::set().await;
    let (mut first, _) = worker(&scene.app, Some(failpoint));
    first.until("This worker leads");
    scene.begin().await;
    first.until("Stopped at a failpoint");
    let (mut second, _) = worker(&scene.app, None);
    second.until("Standing by for work");
    first.kill();
    second.until("This worker leads");
    scene.until_on(&scene.destination).await;
    for (sim, effect) in [
        (&scene.source, Effect::TransferStarted),
        (&scene.destination, Effect::TransferArrived),
    ] {
        assert_eq!(count(sim, scene.server, effect), 1, "killed at {failpoint}");
    }
    // The old copy is there until the panel has seen the new one.
    assert_eq!(count(&scene.source, scene.server, Effect::Deleted), 0);
    assert!(second.terminate());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_source_is_called() {
    killed_at("transfer.calling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_source_was_called() {
    killed_at("transfer.called").await;
}

async fn killed_while_stopping_at(failpoint: &str) {
    let scene = Scene::set().await;
    scene
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    let (mut first, _) = worker(&scene.app, Some(failpoint));
    first.until("This worker leads");
    scene.begin().await;
    eventually("the source to begin", async || {
        count(&scene.source, scene.server, Effect::TransferStarted) == 1
    })
    .await;
    let cancel = format!("/api/admin/servers/{}/transfer/cancel", scene.server);
    scene.admin.post(&cancel, json!({})).await.ok();
    first.until("Stopped at a failpoint");
    let (mut second, _) = worker(&scene.app, None);
    second.until("Standing by for work");
    first.kill();
    second.until("This worker leads");
    eventually("the source to stop", async || {
        count(&scene.source, scene.server, Effect::TransferEnded) == 1
    })
    .await;
    scene.until_on(&scene.source).await;
    assert_eq!(
        count(&scene.destination, scene.server, Effect::TransferArrived),
        0
    );
    assert!(second.terminate());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_source_is_told_to_stop() {
    killed_while_stopping_at("transfer.stopping").await;
}
