//! Requests that fail on purpose, before and after they took effect.

use std::sync::Arc;
use std::time::Duration;

use panel_domain::clock::SystemClock;
use panel_domain::id::ServerId;
use serde_json::json;
use wings_client::{Cause, Deadlines, Error, NodeClient, Nodes, Settings};
use wings_sim::{Effect, Fault, LedgerEntry, WingsSim};

use crate::panel::{Panel, client, installed, target};

fn impatient(sim: &WingsSim) -> NodeClient {
    let settings = Settings {
        deadlines: Deadlines {
            probe: Duration::from_millis(300),
            normal: Duration::from_millis(300),
            ..Deadlines::default()
        },
        ..Settings::default()
    };
    Nodes::new(Arc::new(SystemClock), settings)
        .unwrap()
        .node(target(sim))
}

fn deleted(sim: &WingsSim) -> usize {
    let of = |entry: &&LedgerEntry| entry.effect == Effect::Deleted;
    sim.ledger().iter().filter(of).count()
}

#[tokio::test]
async fn faults_before_the_effect_leave_nothing() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let node = impatient(&sim);
    for (fault, cause) in [
        (Fault::Timeout, Cause::Deadline),
        (Fault::DropConnection, Cause::Broken),
    ] {
        sim.fail_next(fault);
        let error = node.delete_server(server).await.unwrap_err();
        assert!(
            matches!(error, Error::Unreachable { cause: found, .. } if found == cause),
            "{fault:?} gave {error}"
        );
    }
    sim.fail_next(Fault::Status(503));
    let error = client(&sim).delete_server(server).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(deleted(&sim), 0);
    client(&sim).delete_server(server).await.unwrap();
    assert_eq!(deleted(&sim), 1);
}

#[tokio::test]
async fn a_reading_whose_connection_broke_is_asked_again_once() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let node = client(&sim);
    sim.fail_next(Fault::DropConnection);
    node.server(server).await.unwrap();
    sim.fail_next(Fault::DropConnection);
    sim.fail_next(Fault::DropConnection);
    let error = node.server(server).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                cause: Cause::Broken,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn faults_after_the_effect_leave_it() {
    let panel = Panel::start();
    let sim = panel.node().await;
    for fault in [
        Fault::AfterEffectTimeout,
        Fault::AfterEffectDrop,
        Fault::AfterEffectStatus(500),
    ] {
        let server = installed(&panel, &sim).await;
        let before = deleted(&sim);
        sim.fail_next_of("DELETE", &server.to_string(), fault);
        let error = impatient(&sim).delete_server(server).await.unwrap_err();
        assert!(error.may_have_happened(), "{fault:?} gave {error}");
        assert_eq!(deleted(&sim), before + 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_paused_node_answers_later() {
    let panel = Panel::start();
    let sim = panel.node().await;
    sim.pause();
    let error = impatient(&sim).servers().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                cause: Cause::Deadline,
                ..
            }
        ),
        "{error}"
    );
    let node = client(&sim);
    let waiting = tokio::spawn(async move { node.servers().await });
    sim.resume();
    assert!(waiting.await.unwrap().unwrap().is_empty());
}

#[tokio::test]
async fn controls_work_from_another_process() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let at = |path: &str| sim.url().join(path).unwrap();
    let fault = json!({"fault": {"status": 500}, "method": "POST", "path": "/reinstall"});
    let planned = http
        .post(at("/sim/faults"))
        .json(&fault)
        .send()
        .await
        .unwrap();
    assert_eq!(planned.status(), 204);
    let node = client(&sim);
    let error = node
        .reinstall_server(server, false, None)
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(500));
    node.reinstall_server(server, false, None).await.unwrap();
    let finished = http
        .post(at(&format!("/sim/servers/{server}/finish-install")))
        .json(&json!({"successful": false}))
        .send()
        .await
        .unwrap();
    assert_eq!(finished.status(), 204);
    panel
        .wait_for("POST", &format!("{server}/install"), 2)
        .await;
    let ledger: Vec<LedgerEntry> = http
        .get(at("/sim/ledger?after=3"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(ledger, sim.ledger()[3..]);
    assert_eq!(ledger.last().unwrap().effect, Effect::InstallFailed);
    let servers: Vec<wings_sim::ServerSummary> = http
        .get(at("/sim/servers"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(ServerId::from_uuid(servers[0].uuid), server);
}
