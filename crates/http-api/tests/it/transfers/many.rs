//! Many servers at once.

use panel_testkit::eventually;
use panel_testkit::factory::{self, Server};
use serde_json::{Value, json};
use wings_sim::Dialect;

use super::Stage;

impl Stage {
    /// Another server on the source, at the address of this number.
    async fn another(&self, number: usize) -> Server {
        let address = self.source.allocations()[number];
        factory::server_on(&self.app, self.owner.user_id(), self.source.node(), address).await
    }

    fn mass_order(&self, mode: &str) -> Value {
        json!({
            "servers": { "type": "all" }, "node_uuid": self.destination.node().id, "allocation_mode": mode,
            "transfer_backups": false, "delete_source_backups": false, "archive_format": "tar_gz",
            "compression_level": null, "multiplex_channels": 0,
        })
    }

    fn mass_path(&self) -> String {
        format!(
            "/api/admin/nodes/{}/servers/transfer",
            self.source.node().id
        )
    }

    async fn send_all(&self, mode: &str) -> i64 {
        let answer = self
            .admin
            .post(&self.mass_path(), self.mass_order(mode))
            .await;
        answer.expect_status(202).json["affected"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn all_servers_of_a_node_keep_their_ports() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let mut others = Vec::new();
    for number in 1..6 {
        others.push(stage.another(number).await);
    }
    let busy = others.pop().unwrap();
    factory::set_status(&stage.app, &busy, Some("installing")).await;
    // A port that is taken where its server would go: that one stays, too.
    let rival = stage.destination.allocations()[4];
    let owner = stage.owner.user_id();
    factory::server_on(&stage.app, owner, stage.destination.node(), rival).await;
    stage.source.restart().await.unwrap();
    stage.app.clock().advance(chrono::TimeDelta::seconds(10));
    assert_eq!(stage.send_all("preserve_ports").await, 4);
    stage.settle().await;
    let list = format!("/api/admin/nodes/{}/servers", stage.source.node().id);
    let left = stage.admin.get(&list).await.ok();
    assert_eq!(left["servers"]["total"], 2, "{left}");
    for (number, server) in [(0, stage.server.id)]
        .into_iter()
        .chain((1..4).map(|number| (number, others[number - 1].id)))
    {
        let path = format!("/api/admin/servers/{server}");
        let shown = stage.admin.get(&path).await.ok();
        let shown = &shown["server"];
        assert_eq!(
            shown["node"]["uuid"],
            stage.destination.node().id.to_string()
        );
        assert_eq!(shown["allocation"]["port"], 25_565 + number);
    }
}

#[tokio::test]
async fn servers_get_addresses_as_it_is_said() {
    for (mode, addresses) in [("none", 0), ("random_primary", 1), ("random_all", 2)] {
        let stage = Stage::set(Dialect::Pelican).await;
        factory::assign(&stage.app, &stage.server, stage.source.allocations()[7]).await;
        assert_eq!(stage.send_all(mode).await, 1);
        eventually("the server to be there", async || {
            stage.app.run_jobs().await;
            stage.is_on(stage.destination.node()).await
        })
        .await;
        let path = stage.path("/allocations");
        let shown = stage.admin.get(&path).await.ok();
        assert_eq!(shown["allocations"]["total"], addresses, "{mode}");
        assert_eq!(stage.shown().await["allocation"].is_null(), addresses == 0);
        // There is nobody left to be sent.
        assert_eq!(stage.send_all(mode).await, 0);
    }
    let stage = Stage::set(Dialect::Pelican).await;
    let unknown = stage.mass_order("egg_config_deployment");
    let refused = stage.admin.post(&stage.mass_path(), unknown).await;
    refused.expect_fields(&["allocation_mode"]);
}
