//! What users are told of what their server's node can do.

use panel_testkit::factory;
use serde_json::json;

use super::{Stage, names_of};

#[tokio::test]
async fn a_server_tells_what_its_node_can_do() {
    let stage = Stage::set().await;
    for (flavour, version, can, cannot) in [
        ("pterodactyl", "1.11.13", None, "file_search"),
        ("pelican", "1.0.0", Some("file_search"), "content_search"),
        (
            "calagopus",
            "0.22.12:a",
            Some("schedules"),
            "file_revisions",
        ),
        ("calagopus", "1.2.0:a", Some("file_revisions"), "nothing"),
    ] {
        factory::set_profile(&stage.app, stage.sim.node(), flavour, version).await;
        let shown = stage.owner.get(&stage.path("")).await.ok();
        let features = names_of(&shown["node_features"]);
        assert!(
            can.is_none_or(|can| features.iter().any(|feature| feature == can)),
            "{flavour}: {features:?}"
        );
        assert!(!features.iter().any(|feature| feature == cannot));
        assert_eq!(shown["server"]["uuid"], json!(stage.server.id));
    }
}
