//! What a test can ask of its panel.

use std::time::Duration;

use chrono::TimeDelta;
use ipnet::IpNet;
use panel_service::ssh_keys::Sites;

/// How the panel of a test is to be.
#[derive(Debug, Clone)]
pub struct Builder {
    pub(super) local_cache: bool,
    pub(super) local_ttl: Option<Duration>,
    pub(super) redis: bool,
    pub(super) fresh: bool,
    pub(super) worker: bool,
    pub(super) system_clock: bool,
    pub(super) replica: bool,
    pub(super) session_lifetime: TimeDelta,
    pub(super) redis_budget: Duration,
    pub(super) decryption_cache: bool,
    pub(super) blocked_networks: Vec<IpNet>,
    pub(super) ssh_key_sites: Sites,
    pub(super) wings_proxy: bool,
    pub(super) spool: bool,
    pub(crate) failpoint: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            local_cache: true,
            local_ttl: None,
            redis: true,
            fresh: false,
            worker: false,
            system_clock: false,
            replica: false,
            session_lifetime: TimeDelta::days(7),
            // A busy machine must not make a test count in the process what it counts in Redis.
            redis_budget: Duration::from_secs(5),
            decryption_cache: false,
            // What tests fetch is on their own machine.
            blocked_networks: Vec::new(),
            ssh_key_sites: Sites::default(),
            wings_proxy: false,
            spool: false,
            failpoint: None,
        }
    }
}

impl Builder {
    /// With or without the cache inside the process. With it, unless told otherwise.
    #[must_use]
    pub const fn local_cache(mut self, on: bool) -> Self {
        self.local_cache = on;
        self
    }

    /// How long the cache inside the process keeps values; some seconds, unless told otherwise.
    #[must_use]
    pub const fn local_cache_for(mut self, time: Duration) -> Self {
        self.local_ttl = Some(time);
        self
    }

    /// With or without Redis. With it, unless told otherwise.
    #[must_use]
    pub const fn redis(mut self, on: bool) -> Self {
        self.redis = on;
        self
    }

    /// As after the very first start: nobody has been through the setup.
    #[must_use]
    pub const fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// With a worker that runs jobs all the time. Repetitions need a clock that goes, so it goes.
    #[must_use]
    pub const fn with_worker(mut self) -> Self {
        self.worker = true;
        self.system_clock = true;
        self
    }

    /// With the machine's clock instead of one that stands still.
    #[must_use]
    pub const fn system_clock(mut self) -> Self {
        self.system_clock = true;
        self
    }

    /// On a primary of its own with a streaming replica that is read from, and with the header that says where readings went.
    #[must_use]
    pub const fn replica(mut self) -> Self {
        self.replica = true;
        self.system_clock = true;
        self
    }

    /// How long an unused session lasts; a week, unless told otherwise.
    #[must_use]
    pub const fn session_lifetime(mut self, lifetime: TimeDelta) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// How long an answer of Redis is waited for; longer than operators' panels wait, unless told otherwise.
    #[must_use]
    pub const fn redis_budget(mut self, budget: Duration) -> Self {
        self.redis_budget = budget;
        self
    }

    /// With or without decrypted secrets in the caches. Without, unless told otherwise.
    #[must_use]
    pub const fn decryption_cache(mut self, on: bool) -> Self {
        self.decryption_cache = on;
        self
    }

    /// Networks that nothing is fetched from. None, unless told otherwise.
    #[must_use]
    pub fn blocked_networks(mut self, networks: Vec<IpNet>) -> Self {
        self.blocked_networks = networks;
        self
    }

    /// With a folder for final reports of nodes, shared by all processes. They are not held before they are kept there.
    #[must_use]
    pub const fn spool(mut self) -> Self {
        self.spool = true;
        self
    }

    /// With this address in place of every site where people publish their SSH keys.
    #[must_use]
    pub fn ssh_key_site(mut self, site: &str) -> Self {
        self.ssh_key_sites = Sites::all_at(site);
        self
    }

    /// With consoles, downloads and uploads relayed by the panel.
    #[must_use]
    pub const fn wings_proxy(mut self) -> Self {
        self.wings_proxy = true;
        self
    }
}
