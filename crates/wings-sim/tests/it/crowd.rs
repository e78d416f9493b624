//! Many nodes in one process.

use std::sync::Arc;

use panel_domain::clock::SystemClock;
use panel_domain::id::NodeId;
use wings_client::{Error, NodeTarget, Nodes, Settings};
use wings_sim::{Dialect, EmptyPanel, Fleet, SimOptions};

/// Memory of this process in KiB, as Linux counts it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_thousand_nodes_fit_in_one_process() {
    const NODES: usize = 1000;
    let panel = EmptyPanel::start().unwrap();
    let before = resident();
    let port = Fleet::bind().unwrap();
    let options = (0..NODES).map(|number| {
        let dialect = Dialect::ALL[number % Dialect::ALL.len()];
        SimOptions::stepped(panel.config()).speaking(dialect)
    });
    let fleet = port.start(options.collect()).await.unwrap();
    let grown = resident().saturating_sub(before);
    println!("{NODES} nodes take {grown} KiB");
    // Ten times what they take today: a crowd must stay a matter of a small machine.
    assert!(grown < 512 * 1024, "{grown} KiB");

    let nodes = Nodes::new(Arc::new(SystemClock), Settings::default()).unwrap();
    let client = |number: usize| {
        let config = panel.config();
        nodes.node(NodeTarget {
            id: NodeId::new_v4(),
            url: fleet.nodes()[number].url(),
            token_id: config.token_id,
            token: config.token.into(),
        })
    };
    for number in [0, 1, 2, 3, 499, 998, 999] {
        let found = client(number).information().await.unwrap();
        let dialect = fleet.nodes()[number].dialect();
        assert_eq!(found.profile.flavour, dialect.flavour());
        assert_eq!(found.profile.version.as_str(), dialect.version());
    }

    // One that goes away takes no other with it, and comes back.
    fleet.nodes()[3].kill().await;
    let gone = client(3).information().await.unwrap_err();
    assert!(matches!(gone, Error::Unreachable { .. }), "{gone}");
    client(7).information().await.unwrap();
    fleet.nodes()[3].restart().await.unwrap();
    client(3).information().await.unwrap();
    fleet.stop().await;
}
