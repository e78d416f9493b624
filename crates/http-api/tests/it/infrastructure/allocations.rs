//! Addresses and ports of nodes.

use panel_domain::id::NodeId;
use panel_testkit::{TestApp, factory};
use serde_json::json;

#[tokio::test]
async fn addresses_are_made_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = factory::node(&app).await;
    let path = format!("/api/admin/nodes/{}/allocations", node.id);
    let body =
        json!({ "ip": "192.0.2.1", "ip_alias": "play.example.com", "ports": [25_565, 25_566] });
    assert_eq!(admin.post(&path, body).await.ok()["created"], 2);
    let more = json!({ "ip": "192.0.2.1, 192.0.2.9", "ports": [25_566], "port_ranges": ["25570-25572, 27015"] });
    assert_eq!(
        admin.post(&path, more).await.ok()["created"],
        9,
        "ten, of which one was there"
    );

    let all = admin.get(&path).await.ok();
    assert_eq!(all["allocations"]["total"], 11);
    let first = &all["allocations"]["data"][0];
    assert_eq!(
        (&first["ip"], &first["port"]),
        (&json!("192.0.2.1"), &json!(25_565))
    );
    assert_eq!(first["ip_alias"], "play.example.com");
    assert_eq!(first["server"], json!(null));
    for (query, total) in [
        ("ip=192.0.2.9", 5),
        ("port_from=25570&port_to=25572", 6),
        ("search=play", 2),
        ("search=27015", 2),
        ("assigned=true", 0),
        ("assigned=false", 11),
    ] {
        let found = admin.get(&format!("{path}?{query}")).await.ok();
        assert_eq!(found["allocations"]["total"], total, "{query}");
    }
    let ips = admin.get(&format!("{path}/ips")).await.ok();
    assert_eq!(ips, json!({ "ips": ["192.0.2.1", "192.0.2.9"] }));
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = factory::node(&app).await;
    let path = format!("/api/admin/nodes/{}/allocations", node.id);
    for (body, fields) in [
        (
            json!({ "ip": "node.example.com", "ports": [0], "ip_alias": "" }),
            vec!["ip", "ports", "ip_alias"],
        ),
        (json!({ "ip": "192.0.2.1", "ports": [] }), vec!["ports"]),
        (
            json!({ "ip": "192.0.2.1", "port_ranges": ["90-80"] }),
            vec!["ports"],
        ),
        (json!({ "ip": "10.0.0.0/8", "ports": [1] }), vec!["ip"]),
        (
            json!({ "ip": "192.0.2.0/24", "port_ranges": ["1-65535"] }),
            vec!["ports"],
        ),
    ] {
        let answer = admin.post(&path, &body).await;
        answer
            .expect_error(400, "invalid_input")
            .expect_fields(&fields);
    }
    admin
        .get(&format!("{path}?ip=x"))
        .await
        .expect_error(400, "invalid_input");
    let nowhere = format!("/api/admin/nodes/{}/allocations", NodeId::new_v4());
    let body = json!({ "ip": "192.0.2.1", "ports": [1] });
    admin
        .post(&nowhere, body)
        .await
        .expect_error(404, "node_not_found");
}

#[tokio::test]
async fn chosen_ports_move_to_another_address() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let node = factory::node(&app).await;
    let path = format!("/api/admin/nodes/{}/allocations", node.id);
    for ip in ["192.0.2.1", "192.0.2.2"] {
        let body = json!({ "ip": ip, "ports": [1000, 1001] });
        admin.post(&path, body).await.ok();
    }
    admin
        .post(&path, json!({ "ip": "192.0.2.3", "ports": [1000] }))
        .await
        .ok();
    let change = json!({ "selector": { "type": "all" }, "ip": "192.0.2.3", "ip_alias": "new" });
    let done = admin.patch(&path, change).await.ok();
    assert_eq!(
        done,
        json!({ "updated": 2, "skipped": 3 }),
        "one of each port"
    );
    let there = admin.get(&format!("{path}?ip=192.0.2.3")).await.ok();
    assert_eq!(there["allocations"]["total"], 2);
    assert_eq!(there["allocations"]["data"][1]["ip_alias"], "new");
}

#[tokio::test]
async fn addresses_in_use_stay_unless_they_are_forced() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = factory::user(&app, "owner").await;
    let server = factory::server(&app, owner.id).await;
    let path = format!("/api/admin/nodes/{}/allocations", server.node.id);
    let used = admin.get(&format!("{path}?assigned=true")).await.ok();
    assert_eq!(
        used["allocations"]["data"][0]["server"]["uuid"],
        json!(server.id)
    );
    let free = admin.get(&format!("{path}/available")).await.ok();
    assert_eq!(free["allocations"]["total"], 4);

    let some = json!({ "selector": { "type": "uuids", "uuids": [free["allocations"]["data"][0]["uuid"]] } });
    let done = admin
        .request(panel_testkit::Method::DELETE, &path)
        .json(some)
        .send()
        .await
        .ok();
    assert_eq!(done, json!({ "deleted": 1, "skipped": 0 }));
    let all = json!({ "selector": { "type": "filter", "filter": { "port_from": 1 } } });
    let done = admin
        .request(panel_testkit::Method::DELETE, &path)
        .json(all)
        .send()
        .await
        .ok();
    assert_eq!(done, json!({ "deleted": 3, "skipped": 1 }));
    let forced = json!({ "selector": { "type": "all" }, "force": true });
    let done = admin
        .request(panel_testkit::Method::DELETE, &path)
        .json(forced)
        .send()
        .await
        .ok();
    assert_eq!(done, json!({ "deleted": 1, "skipped": 0 }));
    let shown = admin
        .get(&format!("/api/admin/servers/{}", server.id))
        .await
        .ok();
    assert_eq!(shown["server"]["allocation"], json!(null));
}
