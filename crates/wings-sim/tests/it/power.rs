//! Processes that start, stop, crash and answer.

use std::time::Duration;

use wings_client::wire::server::{PowerAction, ServerState};
use wings_sim::{Effect, Mode, SimOptions, WingsSim};

use crate::panel::{Panel, client, installed};

#[tokio::test]
async fn starts_and_stops_by_steps() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    let id = server.uuid();
    node.power(server, PowerAction::Start).await.unwrap();
    sim.wait_for_state(id, ServerState::Starting).await.unwrap();
    assert!(sim.advance(id).await);
    let load = node.utilization(server).await.unwrap();
    assert_eq!(load.state, ServerState::Running);
    assert!(load.memory_bytes > 0 && load.cpu_absolute > 0.0, "{load:?}");
    let console = node.console_log(server, 100).await.unwrap();
    assert!(
        console
            .contains(&":/home/container$ java -Xmx512M -jar server.jar --port 25565".to_owned()),
        "{console:#?}"
    );
    assert!(console.iter().any(|line| line.contains("simulated")));
    assert!(
        console
            .iter()
            .any(|line| line.contains(")! For help, type "))
    );
    assert_eq!(node.console_log(server, 1).await.unwrap().len(), 1);

    node.send_commands(server, vec!["list".into()])
        .await
        .unwrap();
    assert_eq!(
        node.console_log(server, 2).await.unwrap(),
        ["> list", "There are 0 of a max of 20 players online:"]
    );

    node.power(server, PowerAction::Stop).await.unwrap();
    assert_eq!(sim.state(id), Some(ServerState::Stopping));
    assert!(sim.advance(id).await);
    let load = node.utilization(server).await.unwrap();
    assert_eq!((load.state, load.uptime), (ServerState::Offline, 0));
    let offline = node.send_commands(server, vec!["list".into()]).await;
    assert_eq!(offline.unwrap_err().status(), Some(417));
    assert!(!sim.advance(id).await, "nothing to move");

    let states = panel
        .wait_for("POST", &format!("{server}/container/status"), 4)
        .await;
    let mut told: Vec<_> = states
        .iter()
        .map(|call| call.body["data"]["new_state"].as_str().unwrap().to_owned())
        .collect();
    told.sort();
    assert_eq!(told, ["offline", "running", "starting", "stopping"]);
}

#[tokio::test]
async fn everything_goes_by_itself_in_automatic_mode() {
    let panel = Panel::start();
    let options = SimOptions {
        mode: Mode::Automatic,
        stats_interval: Duration::from_millis(20),
        ..SimOptions::stepped(panel.config())
    };
    let sim = WingsSim::start(options).await.unwrap();
    let node = client(&sim);
    let server = panel.add(crate::panel::document(uuid::Uuid::new_v4()));
    node.create_server(&wings_client::wire::server::CreateServer {
        uuid: server,
        start_on_completion: true,
        skip_scripts: false,
    })
    .await
    .unwrap();
    sim.wait_for_state(server, ServerState::Running)
        .await
        .unwrap();
    node.power(server.into(), PowerAction::Restart)
        .await
        .unwrap();
    sim.wait_for_ledger("the restart", |ledger| {
        ledger
            .iter()
            .any(|entry| entry.effect == Effect::PowerRestart)
    })
    .await
    .unwrap();
    sim.wait_for_state(server, ServerState::Running)
        .await
        .unwrap();
    node.send_commands(server.into(), vec!["stop".into()])
        .await
        .unwrap();
    sim.wait_for_state(server, ServerState::Offline)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_kill_ends_at_once_and_a_late_start_gives_up() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    node.power(server, PowerAction::Start).await.unwrap();
    node.power(server, PowerAction::Kill).await.unwrap();
    assert_eq!(sim.state(server.uuid()), Some(ServerState::Offline));
    assert!(!sim.advance(server.uuid()).await);
    let effects: Vec<_> = sim.ledger().iter().map(|entry| entry.effect).collect();
    assert!(effects.ends_with(&[Effect::PowerStart, Effect::PowerKill]));
}

#[tokio::test]
async fn a_crash_is_followed_by_one_start_only() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let id = server.uuid();
    client(&sim)
        .power(server, PowerAction::Start)
        .await
        .unwrap();
    sim.advance(id).await;
    sim.crash(id);
    assert_eq!(sim.state(id), Some(ServerState::Starting));
    sim.advance(id).await;
    sim.crash(id);
    assert_eq!(sim.state(id), Some(ServerState::Offline));
    let console = sim.console(id).join("\n");
    assert!(console.contains("Aborting automatic restart"), "{console}");
}

#[tokio::test]
async fn a_suspended_server_stops_and_does_not_start() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    let id = server.uuid();
    node.power(server, PowerAction::Start).await.unwrap();
    sim.advance(id).await;
    panel.edit(id, |document| document.settings.suspended = true);
    node.sync_server(server, None).await.unwrap();
    assert_eq!(sim.state(id), Some(ServerState::Offline));
    assert!(node.server(server).await.unwrap().is_suspended);
    node.power(server, PowerAction::Start).await.unwrap();
    assert_eq!(sim.state(id), Some(ServerState::Offline));
    // The other way a configuration comes: inline.
    let mut document = crate::panel::document(id);
    document.settings.meta.name = "Renamed".into();
    node.sync_server(server, Some(document)).await.unwrap();
    assert!(!node.server(server).await.unwrap().is_suspended);
    assert_eq!(sim.servers()[0].name, "Renamed");
    assert_eq!(sim.ledger().last().unwrap().effect, Effect::Synced);
}

#[tokio::test]
async fn load_is_the_same_in_every_run() {
    let panel = Panel::start();
    let mut loads = Vec::new();
    let id = uuid::Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef);
    for _ in 0..2 {
        let options = SimOptions {
            stats_interval: Duration::from_secs(3600),
            ..SimOptions::stepped(panel.config())
        };
        panel.add(crate::panel::document(id));
        let sim = WingsSim::start(options).await.unwrap();
        let node = client(&sim);
        node.power(id.into(), PowerAction::Start).await.unwrap();
        sim.advance(id).await;
        let load = node.utilization(id.into()).await.unwrap();
        loads.push((load.memory_bytes, load.cpu_absolute.to_bits()));
    }
    assert_eq!(loads[0], loads[1]);
}
