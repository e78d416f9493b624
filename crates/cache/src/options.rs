//! How a cache is set up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::time::{Monotonic, SystemMonotonic};

/// Where Redis is.
#[derive(Clone, PartialEq, Eq)]
pub enum RedisTarget {
    /// One server.
    Single {
        /// `redis://`, or `rediss://` for TLS (which needs the process-wide rustls provider to be installed before).
        url: String,
    },
    /// The master of a set watched by Sentinels.
    Sentinel {
        /// The name by which the Sentinels know the set.
        master: String,
        /// The URLs of the Sentinels.
        sentinels: Vec<String>,
        /// The user of the Redis servers, if they want one.
        username: Option<String>,
        /// The password of the Redis servers, if they want one.
        password: Option<String>,
    },
}

impl fmt::Debug for RedisTarget {
    // A URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single { .. } => f.write_str("Single(..)"),
            Self::Sentinel { master, .. } => write!(f, "Sentinel({master:?}, ..)"),
        }
    }
}

/// How a cache is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where Redis is; `None` runs without (tests, commands of an operator).
    pub redis: Option<RedisTarget>,
    /// The time one Redis operation may take, connection included, before it counts as a miss.
    pub redis_budget: Duration,
    /// How long the others of the region are waited for to hear of a write. A process that has not heard its own voice for that long does
    /// not rely on what it has heard.
    pub heard_within: Duration,
    /// The bytes the tier inside the process may hold (values are weighed by their JSON form); `None` switches it off.
    pub local_capacity: Option<u64>,
    /// The longest time a value stays in the tier inside the process.
    pub local_ttl: Duration,
    /// Whether values of [`Key::SECRET`](crate::Key::SECRET) kinds may be cached, in clear, in both tiers.
    pub cache_secrets: bool,
    /// What every key and channel in Redis starts with, so that installations can share one.
    pub prefix: String,
    /// The clock for expiry.
    pub time: Arc<dyn Monotonic>,
}

impl Default for Options {
    /// No Redis; 24 MiB for at most 10 s in the process; a budget of 50 ms, and 250 ms to be heard; no secrets.
    fn default() -> Self {
        Self {
            redis: None,
            redis_budget: Duration::from_millis(50),
            heard_within: Duration::from_millis(250),
            local_capacity: Some(24 * 1024 * 1024),
            local_ttl: Duration::from_secs(10),
            cache_secrets: false,
            prefix: "roost".to_owned(),
            time: Arc::new(SystemMonotonic::new()),
        }
    }
}

/// Why a cache could not be set up. Redis being away is no reason.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// An address of Redis or of a Sentinel makes no sense.
    #[error("the address of Redis is not valid: {0}")]
    Address(#[source] redis::RedisError),
}
