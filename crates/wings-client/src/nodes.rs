//! The nodes this process has to do with: one HTTP client for all, a breaker and a profile for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use panel_domain::clock::Clock;
use panel_domain::id::NodeId;
use url::Url;

use crate::breaker::{Breaker, BreakerSettings};
use crate::client::NodeClient;
use crate::flavour::Profile;
use crate::target::NodeTarget;

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// To make a connection, for every call.
    pub connect: Duration,
    /// Health and live figures that somebody is looking at.
    pub probe: Duration,
    /// Everything else that answers at once.
    pub normal: Duration,
    /// Searches and checksums, which look at many files before they answer.
    pub search: Duration,
    /// Archives and restores, which some daemons carry out before they answer.
    pub long: Duration,
    /// Between two pieces of a stream; its whole length has no bound.
    pub stream_piece: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            probe: Duration::from_secs(2),
            normal: Duration::from_secs(15),
            search: Duration::from_secs(2 * 60),
            long: Duration::from_secs(15 * 60),
            stream_piece: Duration::from_secs(30),
        }
    }
}

/// How nodes are called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// How long calls may take.
    pub deadlines: Deadlines,
    /// When a node is left alone.
    pub breaker: BreakerSettings,
}

/// The HTTP client could not be made, for instance because the machine has no certificate authorities.
#[derive(Debug, thiserror::Error)]
#[error("the client for nodes cannot be made: {0}")]
pub struct BuildError(#[source] reqwest::Error);

/// Calls nodes. Cheap to clone; one for each process.
#[derive(Debug, Clone)]
pub struct Nodes {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    nodes: Mutex<HashMap<NodeId, Arc<NodeState>>>,
}

/// What is remembered of a node between calls.
#[derive(Debug)]
pub(crate) struct NodeState {
    url: Url,
    pub(crate) breaker: Arc<Breaker>,
    profile: Mutex<Option<Profile>>,
}

impl NodeState {
    pub(crate) fn profile(&self) -> Option<Profile> {
        lock(&self.profile).clone()
    }

    pub(crate) fn learn(&self, profile: Profile) {
        *lock(&self.profile) = Some(profile);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Values under these locks are replaced whole, so a panic elsewhere leaves them usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Nodes {
    /// Makes the client for all nodes. Installs ring as the process's TLS provider when there is none yet.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, BuildError> {
        install_tls_provider();
        let http = reqwest::Client::builder()
            .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.deadlines.connect)
            // Daemons keep idle connections, proxies in front of them mostly for a minute: whoever ends one first has no request lost on it.
            .pool_idle_timeout(Duration::from_secs(30))
            // A redirect would turn a POST into a GET, and a node has no reason for one.
            .redirect(reqwest::redirect::Policy::none())
            // Nodes are reached directly; a proxy of the environment is for other traffic.
            .no_proxy()
            .build()
            .map_err(BuildError)?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                clock,
                settings,
                nodes: Mutex::new(HashMap::new()),
            }),
        })
    }

    /// A client for one node. What is known of it (profile, rest) is kept from call to call as long as its address stays.
    #[must_use]
    pub fn node(&self, target: NodeTarget) -> NodeClient {
        let mut nodes = lock(&self.shared.nodes);
        let state = nodes
            .get(&target.id)
            .filter(|state| state.url == target.url)
            .cloned()
            .unwrap_or_else(|| {
                let state = Arc::new(NodeState {
                    url: target.url.clone(),
                    breaker: Arc::new(Breaker::new(self.shared.settings.breaker)),
                    profile: Mutex::new(None),
                });
                nodes.insert(target.id, Arc::clone(&state));
                state
            });
        drop(nodes);
        NodeClient::new(Arc::clone(&self.shared), target, state)
    }

    /// Drops all that is known of a node, for instance when it was deleted.
    pub fn forget(&self, id: NodeId) {
        lock(&self.shared.nodes).remove(&id);
    }

    /// Until when a node is left alone because it does not answer; nothing for one that is asked freely.
    #[must_use]
    pub fn resting_until(&self, id: NodeId) -> Option<DateTime<Utc>> {
        lock(&self.shared.nodes).get(&id)?.breaker.resting_until()
    }
}

/// Installs ring as the process's TLS provider unless another is there.
pub fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider()
            .install_default()
            .is_err()
    {
        tracing::debug!("another thread installed a TLS provider first");
    }
}
