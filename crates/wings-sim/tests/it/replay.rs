//! A recording in place of a daemon.

use panel_domain::id::ServerId;
use wings_client::wire::server::PowerAction;
use wings_client::{Flavour, NodeTarget, Nodes, Settings};
use wings_sim::Replay;

const RECORDING: &str =
    include_str!("../../../wings-client/tests/fixtures/calagopus-wings-0.22.12.jsonl");

#[tokio::test]
async fn answers_as_recorded() {
    let replay = Replay::start(RECORDING, "127.0.0.1:0".parse().unwrap()).unwrap();
    let nodes = Nodes::new(
        std::sync::Arc::new(panel_domain::clock::SystemClock),
        Settings::default(),
    )
    .unwrap();
    let node = nodes.node(NodeTarget {
        id: panel_domain::id::NodeId::new_v4(),
        url: replay.url(),
        token_id: "x".into(),
        token: "y".into(),
    });
    let information = node.information().await.unwrap();
    assert_eq!(information.profile.flavour, Flavour::Calagopus);
    assert_eq!(information.profile.version.commit(), Some("eb45cb7"));
    assert_eq!(node.servers().await.unwrap().len(), 1);
    // Any server will do: the route is what was recorded.
    let server = ServerId::new_v4();
    node.power(server, PowerAction::Stop).await.unwrap();
    assert_eq!(node.console_log(server, 10).await.unwrap().len(), 3);
    assert!(matches!(
        node.abort_install(server).await,
        Err(error) if error.is_not_found()
    ));
    replay.stop().await;
}
