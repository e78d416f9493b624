//! Servers on nodes that the panel chooses.

use panel_testkit::factory::{self, Node};
use panel_testkit::{Client, TestApp};
use serde_json::{Value, json};

use super::admin::order;

struct Market {
    app: TestApp,
    admin: Client,
    /// A small node and a large one, each at a location of its own.
    nodes: [Node; 2],
    order: Value,
}

impl Market {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let admin = app.admin().await;
        let owner = app.user("owner").await;
        let egg = factory::egg(&app).await;
        let nodes = [factory::node(&app).await, factory::node(&app).await];
        for (node, memory) in nodes.iter().zip([2048, 65_536]) {
            let change = json!({ "memory": memory, "disk": 0, "deployment_enabled": true });
            let path = format!("/api/admin/nodes/{}", node.id);
            admin.patch(&path, change).await.ok();
        }
        let mut order = order(&nodes[0], &owner, &egg);
        let fields = order.as_object_mut().unwrap();
        fields.remove("node_uuid");
        fields.remove("allocation_uuids");
        Self {
            app,
            admin,
            nodes,
            order,
        }
    }

    fn order(&self, deployment: &Value) -> Value {
        let mut order = self.order.clone();
        order["deployment"] = json!({
            "location_uuids": [self.nodes[0].location, self.nodes[1].location],
            "allow_overallocation": false, "randomness": 0,
        });
        for (field, value) in deployment.as_object().unwrap() {
            order["deployment"][field] = value.clone();
        }
        order
    }

    async fn deploy(&self, order: Value) -> panel_testkit::Answer {
        self.admin.post("/api/admin/servers/deploy", order).await
    }
}

#[tokio::test]
async fn a_server_goes_where_most_is_left() {
    let market = Market::open().await;
    for node in &market.nodes {
        factory::allocations(&market.app, node.id, 25_565..=25_566).await;
    }
    let made = market.deploy(market.order(&json!({}))).await.ok();
    assert_eq!(made["server"]["node"]["uuid"], json!(market.nodes[1].id));
    assert!(made["server"]["allocation"].is_object(), "{made}");

    let only_small = json!({ "location_uuids": [market.nodes[0].location] });
    for _ in 0..2 {
        let made = market.deploy(market.order(&only_small)).await.ok();
        assert_eq!(made["server"]["node"]["uuid"], json!(market.nodes[0].id));
    }
    market
        .deploy(market.order(&only_small))
        .await
        .expect_error(409, "no_room");
    let mut anyway = only_small.clone();
    anyway["allow_overallocation"] = json!(true);
    market
        .deploy(market.order(&anyway))
        .await
        .expect_error(409, "no_free_addresses");
}

#[tokio::test]
async fn a_server_gets_the_addresses_that_were_asked_for() {
    let market = Market::open().await;
    factory::allocations(&market.app, market.nodes[0].id, 25_565..=25_570).await;
    let rules = json!({
        "dedicated": false,
        "primary": { "start_port": 25_568, "end_port": 25_568, "assign_to_variable": null },
        "additional": [{ "mode": { "type": "subtract_primary", "value": 1 }, "assign_to_variable": "START_COMMAND" }],
    });
    let made = market.deploy(market.order(&json!({ "allocations": rules })));
    let made = made.await.ok();
    assert_eq!(made["server"]["allocation"]["port"], 25_568);
    let path = format!(
        "/api/admin/servers/{}",
        made["server"]["uuid"].as_str().unwrap()
    );
    let shown = market.admin.get(&format!("{path}/allocations")).await.ok();
    assert_eq!(shown["allocations"]["total"], 2, "{shown}");
    let variables = market.admin.get(&format!("{path}/variables")).await.ok();
    assert_eq!(variables["variables"][0]["value"], "25567");
}

#[tokio::test]
async fn a_server_goes_to_the_node_of_its_addresses() {
    let market = Market::open().await;
    let addresses = factory::allocations(&market.app, market.nodes[0].id, 25_565..=25_566).await;
    let mut order = market.order(&json!({}));
    order["allocation_uuid"] = json!(addresses[1]);
    let made = market.deploy(order).await.ok();
    assert_eq!(made["server"]["node"]["uuid"], json!(market.nodes[0].id));
    assert_eq!(made["server"]["allocation"]["port"], 25_566);
}

#[tokio::test]
async fn what_is_wrong_with_a_deployment_is_told() {
    let market = Market::open().await;
    let wrong = json!({
        "location_uuids": [], "randomness": 2,
        "allocations": { "dedicated": false, "additional": [{ "mode": { "type": "add_primary", "value": 1 } }] },
    });
    market
        .deploy(market.order(&wrong))
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&[
            "deployment.location_uuids",
            "deployment.randomness",
            "deployment.allocations.additional.0.mode",
        ]);
    for node in &market.nodes {
        let path = format!("/api/admin/nodes/{}", node.id);
        let closed = json!({ "deployment_enabled": false });
        market.admin.patch(&path, closed).await.ok();
    }
    market
        .deploy(market.order(&json!({})))
        .await
        .expect_error(409, "no_nodes");
}
