//! What all use cases share.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use panel_cache::Cache;
use panel_domain::actor::Actor;
use panel_domain::clock::Clock;
use panel_secrets::{KeyRing, PasswordHasher};
use panel_storage::Db;
use panel_storage::consistency::{RecentWrites, Revocations};
use url::Url;
use wings_client::Nodes;

use crate::auth::Identity;
use crate::cx::{Cx, RequestMeta};
use crate::limits::KnownLimits;
use crate::refresh::CommitFanOut;

/// What the operator decided by configuration.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where browsers and nodes find the panel.
    pub url: Url,
    /// Name of this panel, shown in pages.
    pub name: String,
    /// Whether the panel relays consoles and files instead of sending browsers to nodes.
    pub wings_proxy: bool,
    /// Whether answers may tell more than users need.
    pub debug: bool,
    /// Networks that nothing is fetched from for people.
    pub blocked_networks: Vec<ipnet::IpNet>,
    /// Where people publish their SSH keys.
    pub ssh_key_sites: crate::ssh_keys::Sites,
    /// How long an unused session lasts.
    pub session_lifetime: chrono::TimeDelta,
    /// Where final reports of nodes are kept while the primary is away; nowhere unless given.
    pub spool: Option<crate::spool::SpoolOptions>,
    /// Where a test wants this process to stop.
    pub failpoints: crate::operations::Failpoints,
}

/// The parts an [`App`] is made of, in the hands of `bootstrap` and of the test harness.
pub struct AppParts {
    /// The databases.
    pub db: Db,
    /// The cache.
    pub cache: Cache,
    /// The keys that secrets are sealed with.
    pub keys: KeyRing,
    /// Hashes passwords.
    pub passwords: PasswordHasher,
    /// Calls nodes.
    pub nodes: Nodes,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Configuration.
    pub options: Options,
}

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) cache: Cache,
    pub(crate) keys: KeyRing,
    pub(crate) passwords: PasswordHasher,
    pub(crate) nodes: Nodes,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    pub(crate) revocations: Revocations,
    pub(crate) recent_writes: RecentWrites,
    pub(crate) uses: crate::auth::Uses,
    pub(crate) failpoints: crate::operations::Failpoints,
    pub(crate) limits: KnownLimits,
    pub(crate) stores: std::sync::OnceLock<panel_s3::Stores>,
    pub(crate) spool: Option<crate::spool::Spool>,
}

/// Everything a use case needs besides who asks. Cheap to clone.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

impl App {
    /// Puts the parts together. Background work (see [`App::background`]) is to be started by the caller.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        let revocations = Revocations::new(parts.db.clone());
        let fan_out = CommitFanOut {
            cache: parts.cache.clone(),
            revocations: revocations.clone(),
        };
        if !parts.db.observe_commits(Arc::new(fan_out)) {
            tracing::warn!(
                "This database is observed already: an application of this process keeps its own cache"
            );
        }
        let recent_writes = RecentWrites::new(parts.cache.heard_within());
        Self(Arc::new(Inner {
            db: parts.db,
            cache: parts.cache,
            keys: parts.keys,
            passwords: parts.passwords,
            nodes: parts.nodes,
            clock: parts.clock,
            failpoints: parts.options.failpoints.clone(),
            spool: parts.options.spool.clone().map(crate::spool::Spool::new),
            options: parts.options,
            revocations,
            recent_writes,
            uses: crate::auth::Uses::default(),
            limits: KnownLimits::default(),
            stores: std::sync::OnceLock::new(),
        }))
    }

    /// A request of whoever it is.
    #[must_use]
    pub fn cx(&self, who: impl Into<Identity>, request: RequestMeta) -> Cx {
        Cx::new(self.clone(), who.into(), request)
    }

    /// What the panel does on its own behalf: jobs and the operator's commands.
    #[must_use]
    pub fn system(&self) -> Cx {
        self.cx(Actor::System, RequestMeta::default())
    }

    /// The databases, for the worker's queue and for health.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The cache, for health.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Configuration.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.0.options
    }
}
