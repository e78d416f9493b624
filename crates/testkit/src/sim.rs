//! A simulated daemon that belongs to the panel.

use std::ops::Deref;

use wings_client::wire::config::{ApiConfig, NodeConfig, SystemConfig};
use wings_sim::{SimOptions, WingsSim};

use crate::app::TestApp;
use crate::factory::{self, Node};
use crate::must::Must as _;

/// A simulated daemon with its node, which has a location and some allocations.
pub struct Sim {
    node: Node,
    allocations: Vec<panel_domain::id::AllocationId>,
    sim: WingsSim,
}

impl Sim {
    /// Makes the node and boots its daemon in steps ([`SimOptions::stepped`]).
    pub(crate) async fn start(app: &TestApp) -> Self {
        Self::start_with(app, |_| {}).await
    }

    /// As [`TestApp::sim`], with other options.
    ///
    /// # Panics
    /// When the panel does not let it boot.
    pub async fn start_with(app: &TestApp, change: impl FnOnce(&mut SimOptions)) -> Self {
        let bound = WingsSim::bind("127.0.0.1:0").must("no free port");
        let node = factory::node_at(app, &bound.url()).await;
        let allocations = factory::allocations(app, node.id, 25_565..=25_574).await;
        let mut options = SimOptions::stepped(node.config(app));
        options.clock = app.shared_clock();
        change(&mut options);
        let sim = bound.start(options).await.must("the daemon did not boot");
        Self {
            node,
            allocations,
            sim,
        }
    }

    /// Its node.
    #[must_use]
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// The node's allocations, by port.
    #[must_use]
    pub fn allocations(&self) -> &[panel_domain::id::AllocationId] {
        &self.allocations
    }
}

impl Deref for Sim {
    type Target = WingsSim;

    fn deref(&self) -> &WingsSim {
        &self.sim
    }
}

impl Node {
    /// The configuration of this node's daemon.
    #[must_use]
    pub fn config(&self, app: &TestApp) -> NodeConfig {
        NodeConfig {
            debug: false,
            uuid: self.id.uuid(),
            token_id: self.token.id().to_owned(),
            token: self.token.secret().expose().clone(),
            api: ApiConfig::default(),
            system: SystemConfig::default(),
            allowed_mounts: Vec::new(),
            remote: app.url().as_str().trim_end_matches('/').to_owned(),
            allowed_origins: Vec::new(),
        }
    }
}
