//! Servers that move between nodes, on each kind of daemon.

mod cancel;
mod deaths;
mod killed;
mod many;
mod moves;
mod refusals;
mod reports;

use chrono::TimeDelta;
use panel_domain::id::NodeId;
use panel_service::operations::{check_nodes, reconcile_operations};
use panel_testkit::factory::{self, Node, Server};
use panel_testkit::{Client, Sim, TestApp, eventually};
use serde_json::{Value, json};
use uuid::Uuid;
use wings_sim::{Dialect, Effect};

const DIALECTS: [Dialect; 4] = [
    Dialect::Pterodactyl,
    Dialect::Pelican,
    Dialect::Calagopus,
    Dialect::CalagopusNext,
];

/// A panel with two nodes of one kind, and a server with a file on the first.
struct Stage {
    app: TestApp,
    source: Sim,
    destination: Sim,
    admin: Client,
    owner: Client,
    server: Server,
}

impl Stage {
    async fn set(dialect: Dialect) -> Self {
        Self::set_between(dialect, dialect).await
    }

    async fn set_between(one: Dialect, other: Dialect) -> Self {
        let app = TestApp::builder().local_cache(false).start().await;
        let start = async |dialect: Dialect| {
            Sim::start_with(&app, |options| {
                *options = options.clone().speaking(dialect);
            })
            .await
        };
        let (source, destination) = (start(one).await, start(other).await);
        let owner = app.user("owner").await;
        let address = source.allocations()[0];
        let server = factory::server_on(&app, owner.user_id(), source.node(), address).await;
        let stage = Self {
            admin: app.admin().await,
            app,
            source,
            destination,
            owner,
            server,
        };
        // A daemon learns of servers when it boots, and the panel what it is when it asks.
        stage.reboot().await;
        stage
            .source
            .write_file(stage.id(), "world.dat", b"precious".to_vec());
        stage
    }

    /// Starts both daemons again, and has the panel ask what they are.
    async fn reboot(&self) {
        self.source.restart().await.unwrap();
        self.destination.restart().await.unwrap();
        check_nodes(&self.app.service().system()).await.unwrap();
        self.app.redis().flush().await;
        // A daemon refuses tokens that seem to be older than itself, and tokens are dated back a little.
        self.app.clock().advance(TimeDelta::seconds(10));
        self.app.run_jobs().await;
    }

    fn id(&self) -> Uuid {
        self.server.id.uuid()
    }

    fn path(&self, below: &str) -> String {
        format!("/api/admin/servers/{}{below}", self.server.id)
    }

    /// An order to send the server to the other node, to its second address.
    fn order(&self) -> Value {
        order(
            self.destination.node().id,
            &[self.destination.allocations()[1].uuid()],
        )
    }

    /// Asks for the transfer, and has the source told.
    async fn begin(&self) {
        let begun = self.admin.post(&self.path("/transfer"), self.order()).await;
        begun.expect_status(202);
        self.app.run_jobs().await;
    }

    async fn shown(&self) -> Value {
        self.admin.get(&self.path("")).await.ok()["server"].take()
    }

    async fn is_on(&self, node: &Node) -> bool {
        let shown = self.shown().await;
        shown["node"]["uuid"] == node.id.to_string() && shown["is_transferring"] == false
    }

    /// Waits until the server is on a node and not on its way.
    async fn wait_on(&self, node: &Node) {
        eventually("the server to be there", async || {
            self.app.run_jobs().await;
            self.is_on(node).await
        })
        .await;
    }

    async fn wait_at_destination(&self) {
        self.wait_on(self.destination.node()).await;
    }

    async fn wait_at_source(&self) {
        self.wait_on(self.source.node()).await;
    }

    /// Waits until the server is on its way and the source has begun.
    async fn wait_for_start(&self, times: usize) {
        eventually("the source to begin", async || {
            self.app.run_jobs().await;
            self.count(&self.source, Effect::TransferStarted) == times
        })
        .await;
    }

    /// Lets this time pass, and looks after everything that was waiting for it.
    async fn later(&self, time: TimeDelta) {
        self.app.clock().advance(time);
        let system = self.app.service().system();
        reconcile_operations(&system).await.unwrap();
        self.app.run_jobs().await;
    }

    /// Waits until nothing is left to be done, with time passing meanwhile.
    async fn settle(&self) {
        eventually("everything to be done", async || {
            self.later(TimeDelta::minutes(3)).await;
            self.is_idle().await
        })
        .await;
    }

    async fn is_idle(&self) -> bool {
        self.holds(
            "NOT EXISTS (SELECT FROM jobs) AND NOT EXISTS (SELECT FROM operations WHERE finished_at IS NULL)",
        )
        .await
    }

    /// Whether this is so in the database.
    async fn holds(&self, condition: &str) -> bool {
        let database = self.app.database().connect().await;
        let query = format!("SELECT {condition}");
        database.query_one(&query, &[]).await.unwrap().get(0)
    }

    fn count(&self, sim: &Sim, effect: Effect) -> usize {
        let server = self.id();
        let ledger = sim.ledger();
        let of_it =
            |entry: &&wings_sim::LedgerEntry| entry.effect == effect && entry.server == server;
        ledger.iter().filter(of_it).count()
    }

    fn has(&self, sim: &Sim) -> bool {
        sim.file(self.id(), "world.dat") == Some(b"precious".to_vec())
    }

    /// That the server is where it was: with its file, its address and nothing kept elsewhere, and that nothing is left to be done.
    async fn assert_stayed(&self, what: &str) {
        self.settle().await;
        assert!(self.is_on(self.source.node()).await, "{what}");
        assert!(self.has(&self.source), "{what}: the file is gone");
        assert!(!self.has(&self.destination), "{what}: a copy is left");
        self.assert_addresses(self.source.allocations()[0].uuid(), what)
            .await;
    }

    /// That the server has moved, and that only the new node has it.
    async fn assert_moved(&self, what: &str) {
        self.settle().await;
        assert!(self.is_on(self.destination.node()).await, "{what}");
        assert!(self.has(&self.destination), "{what}: the file is gone");
        assert!(!self.has(&self.source), "{what}: a copy is left");
        self.assert_addresses(self.destination.allocations()[1].uuid(), what)
            .await;
    }

    /// That the server has this address and no other.
    async fn assert_addresses(&self, only: Uuid, what: &str) {
        let database = self.app.database().connect().await;
        let query = "SELECT string_agg(allocation_id::text || ' ' || destination, ',') FROM server_allocations";
        let row = database.query_one(query, &[]).await.unwrap();
        let kept: Option<String> = row.get(0);
        assert_eq!(kept, Some(format!("{only} false")), "{what}");
    }

    async fn report(&self, sim: &Sim, end: &str, body: Value) -> panel_testkit::Answer {
        let daemon = self.app.node_client(sim.node());
        let path = format!("/api/remote/servers/{}/transfer/{end}", self.server.id);
        daemon.post(&path, body).await
    }
}

/// An order to send a server somewhere, with these addresses there.
fn order(node: NodeId, addresses: &[Uuid]) -> Value {
    json!({
        "node_uuid": node, "allocation_uuid": addresses.first(), "allocation_uuids": addresses.get(1..).unwrap_or_default(),
        "backups": [], "delete_source_backups": false, "archive_format": "tar_gz", "compression_level": null,
        "multiplex_channels": 0,
    })
}
