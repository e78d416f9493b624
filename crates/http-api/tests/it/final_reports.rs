//! How something long ended, told by a node while the primary is away.

use panel_testkit::factory::{self, Node, Server};
use panel_testkit::{Client, TestApp, eventually};
use serde_json::{Value, json};

/// A panel whose servers are being installed by a node; another node has nothing to do with them.
struct Scene {
    app: TestApp,
    owner: Client,
    daemon: Client,
    stranger: Client,
    servers: Vec<Server>,
}

impl Scene {
    async fn set(app: TestApp) -> Self {
        let node: Node = factory::node(&app).await;
        let other = factory::node(&app).await;
        let user = factory::user(&app, "owner").await;
        let mut servers = Vec::new();
        for address in factory::allocations(&app, node.id, 25_565..=25_566).await {
            servers.push(factory::server_on(&app, user.id, &node, address).await);
        }
        let database = app.database().connect().await;
        let set = "UPDATE servers SET status = 'installing', installed_at = NULL";
        database.execute(set, &[]).await.unwrap();
        let owner = app.sign_in(&user).await;
        app.replica().catch_up(app.primary()).await;
        Self {
            daemon: app.node_client(&node),
            stranger: app.node_client(&other),
            app,
            owner,
            servers,
        }
    }

    async fn lose_the_primary(&self) {
        self.app.primary().hang();
        eventually("its absence to be noticed", async || {
            !self.app.db().accepts_writes()
        })
        .await;
    }

    async fn report(&self, daemon: &Client, server: &Server) -> u16 {
        let path = format!("/api/remote/servers/{}/install", server.id);
        let result = json!({ "successful": true, "reinstall": false });
        let answer = daemon.post(&path, result).await;
        answer.status
    }

    fn kept(&self) -> usize {
        let entries = std::fs::read_dir(self.app.spool()).unwrap();
        entries.count()
    }
}

async fn status(owner: &Client, server: &Server) -> Value {
    let path = format!("/api/client/servers/{}", server.id);
    owner.get(&path).await.ok()["server"]["status"].take()
}

#[tokio::test]
async fn a_final_report_is_kept_while_the_primary_is_away_and_counts_when_it_is_back() {
    let scene = Scene::set(TestApp::builder().replica().spool().start().await).await;
    let [reported, other] = scene.servers.as_slice() else {
        panic!("two servers")
    };
    scene.lose_the_primary().await;
    assert_eq!(scene.report(&scene.daemon, reported).await, 200);
    // Nobody can look now whose server that is.
    assert_eq!(scene.report(&scene.stranger, other).await, 200);
    assert_eq!(scene.kept(), 2);
    scene.app.primary().resume();
    eventually("both to be looked at", async || scene.kept() == 0).await;
    eventually("the report to count", async || {
        status(&scene.owner, reported).await.is_null()
    })
    .await;
    assert_eq!(status(&scene.owner, other).await, "installing");
}

#[tokio::test]
async fn what_a_process_kept_is_delivered_by_the_next_one() {
    let scene = Scene::set(TestApp::builder().replica().spool().start().await).await;
    scene.lose_the_primary().await;
    assert_eq!(scene.report(&scene.daemon, &scene.servers[0]).await, 200);
    let next = scene.app.peer().await;
    let owner = scene.owner.at(next.url());
    drop(scene.app);
    next.primary().resume();
    eventually("the report to count", async || {
        status(&owner, &scene.servers[0]).await.is_null()
    })
    .await;
}

#[tokio::test]
async fn without_a_place_to_keep_it_a_final_report_is_refused_while_the_primary_is_away() {
    let scene = Scene::set(TestApp::builder().replica().start().await).await;
    scene.lose_the_primary().await;
    assert_eq!(scene.report(&scene.daemon, &scene.servers[0]).await, 503);
    scene.app.primary().resume();
    eventually("the same report to be taken", async || {
        scene.report(&scene.daemon, &scene.servers[0]).await == 200
    })
    .await;
    assert!(status(&scene.owner, &scene.servers[0]).await.is_null());
}
