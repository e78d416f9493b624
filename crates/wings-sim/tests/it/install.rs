//! Creating, installing, reinstalling, deleting.

use uuid::Uuid;
use wings_client::wire::remote::InstallationScript;
use wings_client::wire::server::{CreateServer, ServerState};
use wings_sim::Effect;

use crate::panel::{Panel, client, document, installed};

fn effects(sim: &wings_sim::WingsSim) -> Vec<Effect> {
    sim.ledger().iter().map(|entry| entry.effect).collect()
}

#[tokio::test]
async fn installs_reports_and_starts() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = panel.add(document(Uuid::new_v4()));
    let order = CreateServer {
        uuid: server,
        start_on_completion: true,
        skip_scripts: false,
    };
    node.create_server(&order).await.unwrap();
    let again = node.create_server(&order).await.unwrap_err();
    assert_eq!(again.status(), Some(409));
    sim.finish_install(server, true).await.unwrap();
    let told = panel
        .wait_for("POST", &format!("{server}/install"), 1)
        .await;
    assert_eq!(
        told[0].body,
        serde_json::json!({"successful": true, "reinstall": false})
    );
    sim.wait_for_state(server, ServerState::Starting)
        .await
        .unwrap();
    let log = node.install_log(server.into()).await.unwrap();
    assert!(log.contains(&"installing server.jar".to_owned()), "{log:?}");
    assert_eq!(
        effects(&sim),
        [
            Effect::Created,
            Effect::InstallStarted,
            Effect::InstallFinished,
            Effect::PowerStart
        ]
    );
    assert!(sim.file(server, "server.properties").is_some());
}

#[tokio::test]
async fn a_server_the_panel_does_not_know_is_not_created() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let order = CreateServer {
        uuid: Uuid::new_v4(),
        start_on_completion: false,
        skip_scripts: false,
    };
    let refused = client(&sim).create_server(&order).await.unwrap_err();
    assert_eq!(refused.status(), Some(500));
    assert!(sim.ledger().is_empty());
}

#[tokio::test]
async fn a_report_is_repeated_until_the_panel_takes_it() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = panel.add(document(Uuid::new_v4()));
    node.create_server(&CreateServer {
        uuid: server,
        start_on_completion: false,
        skip_scripts: true,
    })
    .await
    .unwrap();
    panel.refuse("/install", 503);
    panel.refuse("/install", 500);
    sim.finish_install(server, false).await.unwrap();
    let told = panel
        .wait_for("POST", &format!("{server}/install"), 3)
        .await;
    assert_eq!(told[2].body["successful"], false);
    assert!(
        panel
            .calls_of("GET", &format!("{server}/install"))
            .is_empty(),
        "scripts are skipped"
    );
    assert_eq!(effects(&sim).last(), Some(&Effect::InstallFailed));
}

#[tokio::test]
async fn a_missing_script_fails_the_installation() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = panel.add(document(Uuid::new_v4()));
    panel.refuse("/install", 404);
    client(&sim)
        .create_server(&CreateServer {
            uuid: server,
            start_on_completion: true,
            skip_scripts: false,
        })
        .await
        .unwrap();
    let told = panel
        .wait_for("POST", &format!("{server}/install"), 1)
        .await;
    assert_eq!(told[0].body["successful"], false);
}

#[tokio::test]
async fn reinstalls_with_its_own_script_and_an_empty_directory() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    node.write_file(server, "kept.txt", "x".into())
        .await
        .unwrap();
    let script = InstallationScript {
        container_image: "example/other".into(),
        entrypoint: "sh".into(),
        script: Some("echo \"another way\"".into()),
        environment: std::collections::BTreeMap::new(),
    };
    node.reinstall_server(server, true, Some(script))
        .await
        .unwrap();
    let busy = node
        .reinstall_server(server, false, None)
        .await
        .unwrap_err();
    assert_eq!(busy.status(), Some(409));
    sim.finish_install(server.uuid(), true).await.unwrap();
    let told = panel
        .wait_for("POST", &format!("{server}/install"), 2)
        .await;
    assert_eq!(told[1].body["reinstall"], true);
    assert_eq!(sim.file(server.uuid(), "kept.txt"), None);
    let log = node.install_log(server).await.unwrap();
    assert!(log.contains(&"another way".to_owned()), "{log:?}");
}

#[tokio::test]
async fn an_installation_can_be_aborted() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    assert_eq!(
        node.abort_install(server).await.unwrap_err().status(),
        Some(409)
    );
    node.reinstall_server(server, false, None).await.unwrap();
    sim.wait_for_ledger("the start", |ledger| {
        ledger
            .iter()
            .any(|entry| entry.effect == Effect::ReinstallStarted)
    })
    .await
    .unwrap();
    node.abort_install(server).await.unwrap();
    let told = panel
        .wait_for("POST", &format!("{server}/install"), 2)
        .await;
    assert_eq!(told[1].body["successful"], false);
}

#[tokio::test]
async fn deletes_once() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    node.delete_server(server).await.unwrap();
    node.delete_server(server).await.unwrap();
    let deleted = |effect: &&Effect| **effect == Effect::Deleted;
    assert_eq!(effects(&sim).iter().filter(deleted).count(), 1);
    assert!(node.server(server).await.unwrap_err().is_not_found());
}
