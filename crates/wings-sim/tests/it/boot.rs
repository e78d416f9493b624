//! Coming up, going down, coming up again.

use panel_domain::id::ServerId;
use serde_json::json;
use uuid::Uuid;
use wings_client::Flavour;
use wings_client::wire::remote::{SftpAuth, SftpMethod};
use wings_client::wire::server::{PowerAction, ServerState};
use wings_sim::{Effect, SimError, SimOptions, WingsSim};

use crate::panel::{Panel, client, document, installed};

#[tokio::test]
async fn boots_like_a_real_daemon_and_says_that_it_is_none() {
    let panel = Panel::start();
    let server = panel.add(document(Uuid::new_v4()));
    let sim = panel.node().await;
    let calls = panel.calls();
    assert_eq!(calls[0].path, "/api/remote/servers/reset");
    assert_eq!(calls[1].path, "/api/remote/servers");
    assert_eq!(
        Flavour::of_user_agent(&calls[0].user_agent),
        Some(Flavour::Calagopus)
    );
    assert_eq!(calls[0].simulator, "wings-sim");

    let node = client(&sim);
    let information = node.information().await.unwrap();
    assert_eq!(information.profile.flavour, Flavour::Calagopus);
    assert!(information.system.version.ends_with(":simulated"));
    assert_eq!(node.overview().await.unwrap().servers.offline, 1);
    assert_eq!(node.servers().await.unwrap()[0].uuid(), Some(server));
    assert!(node.statistics().await.unwrap().memory.total > 1 << 30);
}

#[tokio::test]
async fn waits_for_a_panel_that_is_not_ready_and_gives_up_on_one_that_refuses() {
    let panel = Panel::start();
    panel.refuse("/reset", 503);
    panel.refuse("/reset", 500);
    panel.node().await;
    assert_eq!(panel.calls_of("POST", "/reset").len(), 3);

    panel.refuse("/reset", 403);
    let refused = WingsSim::start(SimOptions::stepped(panel.config())).await;
    assert!(matches!(refused, Err(SimError::Boot(_))), "{refused:?}");
}

#[tokio::test]
async fn strangers_are_refused_with_the_words_of_a_real_daemon() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let wrong = |token: &str| {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(sim.url().join("/api/system").unwrap());
        request.header("Authorization", token.to_owned()).send()
    };
    for (token, text) in [
        ("Bearer x", "invalid authorization token"),
        ("Basic x", "invalid authorization header"),
    ] {
        let answer = wrong(token).await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert_eq!(answer.headers()["x-simulator"], "wings-sim");
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "error": text }));
    }
}

#[tokio::test]
async fn what_was_there_is_there_after_a_restart_on_the_same_port() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let node = client(&sim);
    node.power(server, PowerAction::Start).await.unwrap();
    sim.wait_for_state(server.uuid(), ServerState::Starting)
        .await
        .unwrap();
    assert!(sim.advance(server.uuid()).await);
    let url = sim.url();
    sim.kill().await;
    assert!(node.servers().await.unwrap_err().is_unreachable());
    sim.restart().await.unwrap();
    assert_eq!(sim.url(), url);
    let found = node.server(server).await.unwrap();
    assert_eq!(
        found.state,
        ServerState::Running,
        "processes survive their daemon"
    );
    assert!(sim.file(server.uuid(), "eula.txt").is_some());
    assert_eq!(panel.calls_of("POST", "/reset").len(), 2);
}

#[tokio::test]
async fn a_server_that_the_panel_no_longer_has_is_forgotten_at_boot() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    panel.remove(server.uuid());
    sim.restart().await.unwrap();
    assert!(sim.servers().is_empty());
}

#[tokio::test]
async fn an_interrupted_installation_is_taken_up_again() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = panel.add(document(Uuid::new_v4()));
    let order = wings_client::wire::server::CreateServer {
        uuid: server,
        start_on_completion: false,
        skip_scripts: false,
    };
    client(&sim).create_server(&order).await.unwrap();
    sim.wait_for_ledger("the start", |ledger| ledger.len() == 2)
        .await
        .unwrap();
    sim.restart().await.unwrap();
    sim.finish_install(server, true).await.unwrap();
    panel
        .wait_for("POST", &format!("{server}/install"), 1)
        .await;
    let effects: Vec<_> = sim.ledger().iter().map(|entry| entry.effect).collect();
    assert_eq!(
        effects,
        [
            Effect::Created,
            Effect::InstallStarted,
            Effect::InstallResumed,
            Effect::InstallFinished
        ]
    );
}

#[tokio::test]
async fn everything_survives_the_process_with_a_state_file() {
    let panel = Panel::start();
    let folder = tempfile::tempdir().unwrap();
    let options = SimOptions {
        state: Some(folder.path().join("state.json")),
        ..SimOptions::stepped(panel.config())
    };
    let first = WingsSim::start(options.clone()).await.unwrap();
    let server = installed(&panel, &first).await;
    let ledger = first.ledger();
    first.kill().await;
    drop(first);
    let second = WingsSim::start(options).await.unwrap();
    assert_eq!(second.ledger(), ledger);
    assert!(second.file(server.uuid(), "eula.txt").is_some());
}

#[tokio::test]
async fn sftp_and_activity_go_to_the_panel() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let auth = SftpAuth {
        method: SftpMethod::Password,
        username: "alice.00000000".into(),
        password: "secret".into(),
        ip: None,
        session_id: None,
        client_version: None,
    };
    let grant = sim.sftp_auth(&auth).await.unwrap();
    assert_eq!(grant.permissions, ["*"]);
    panel.refuse("/sftp/auth", 403);
    sim.sftp_auth(&auth).await.unwrap_err();
    assert_eq!(
        panel.calls_of("POST", "/sftp/auth")[0].body["type"],
        "password"
    );
    sim.flush_activity().await.unwrap();
    assert!(
        panel.calls_of("POST", "/activity").is_empty(),
        "nothing to tell"
    );
    let missing = client(&sim).server(ServerId::new_v4()).await.unwrap_err();
    assert!(missing.is_not_found());
    panel.stop().await;
}

#[tokio::test]
async fn browsers_of_the_panel_are_let_in() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let preflight = http
        .request(
            reqwest::Method::OPTIONS,
            sim.url().join("/upload/file").unwrap(),
        )
        .header("Origin", panel.config().remote)
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 204);
    assert_eq!(
        preflight.headers()["access-control-allow-origin"],
        panel.config().remote.as_str()
    );
    assert_eq!(preflight.headers()["access-control-max-age"], "7200");
}
