//! The configuration of a process: from flags, the environment and a `.env` file to checked values.
//!
//! [`Config::load`] reports every problem at once, each with its key and what to do about it. Secrets are
//! held in [`Secret`], which no log line can print.

pub mod args;
pub mod docs;
pub mod problem;
mod raw;
mod resolve;
pub mod settings;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use panel_secrets::Secret;
use url::Url;

pub use self::args::ConfigArgs;
pub use self::problem::{Problem, Problems};
pub use self::raw::Raw;

/// Which of the two programs is being configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// `panel-server`: answers requests.
    Server,
    /// `panel-worker`: does the background work.
    Worker,
}

/// Everything an operator decides outside of the database, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The program this configuration is for.
    pub process: Process,
    /// Where the truth is kept.
    pub database: DatabaseConfig,
    /// Where the shared cache and the rate limits are kept.
    pub redis: RedisConfig,
    /// The keys that seal secrets at rest.
    pub encryption: EncryptionConfig,
    /// How the caches are used.
    pub cache: CacheConfig,
    /// How requests are served.
    pub http: HttpConfig,
    /// Where health and metrics are answered.
    pub ops: SocketAddr,
    /// Where and how logs are written.
    pub log: LogConfig,
    /// Where final reports of nodes are kept while the primary is away.
    pub spool_directory: Option<PathBuf>,
    /// Networks that the panel never fetches an address from.
    pub blocked_cidrs: Vec<IpNet>,
    /// The region this process runs in; part of logs and metrics.
    pub region: String,
    /// Which worker leads when several run: the highest number.
    pub worker_priority: i32,
    /// Where a test wants this process to stop; nothing in a release build.
    pub failpoint: Option<String>,
    /// The rule that a test wants this process not to follow; nothing in a release build.
    pub sabotage: Option<String>,
}

/// The database's addresses and how many connections may be made.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// The database that takes writes.
    pub primary_url: Secret<String>,
    /// Replicas to read from, in order of preference; empty when the primary serves reads too.
    pub replica_urls: Vec<Secret<String>>,
    /// Whether pending migrations are applied at start.
    pub migrate: bool,
    /// The most connections to the primary, and to each replica.
    pub connections: usize,
}

/// How to reach the Redis-compatible store of the region.
#[derive(Debug, Clone)]
pub enum RedisConfig {
    /// One address.
    Single {
        /// `redis://` or `rediss://`, with user and password where needed.
        url: Secret<String>,
    },
    /// A master found by asking Sentinels.
    Sentinel {
        /// The name under which the Sentinels know the master.
        master: String,
        /// The Sentinels' addresses as `redis://` URLs.
        sentinels: Vec<Secret<String>>,
        /// The user of the Redis servers, when they want one.
        username: Option<String>,
        /// The password of the Redis servers, when they want one.
        password: Option<Secret<String>>,
    },
}

/// The keys that seal secrets at rest, as text.
#[derive(Debug, Clone)]
pub struct EncryptionConfig {
    /// Seals everything new.
    pub active: Secret<String>,
    /// Still open what they once sealed.
    pub previous: Vec<Secret<String>>,
}

/// Which caches may be used for what.
#[derive(Debug, Clone, Copy)]
pub struct CacheConfig {
    /// Whether each process keeps a small cache of its own in front of Redis.
    pub local_tier: bool,
    /// Whether decrypted secrets may be kept in the caches.
    pub decrypted_secrets: bool,
}

/// How the server answers requests.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Where the server listens.
    pub bind: Bind,
    /// The address under which browsers and nodes reach the panel.
    pub url: Url,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What is answered as `X-Server-Name`; nothing when not set.
    pub server_name: Option<String>,
    /// Whether the web pages are served besides the API.
    pub frontend: bool,
    /// Whether browsers reach nodes through the panel.
    pub wings_proxy: bool,
    /// How long the server keeps answering after it was told to stop, so that load balancers notice.
    pub drain: Duration,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// An address and port.
    Tcp(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Where and how logs are written.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Plain text for people and more detail, instead of JSON.
    pub debug: bool,
    /// A folder that gets a file per day besides standard output.
    pub directory: Option<PathBuf>,
}

impl Config {
    /// The configuration of `process` from flags, else the environment, else the `.env` file, else defaults.
    ///
    /// # Errors
    ///
    /// All settings that are missing or wrong, at once.
    pub fn load(process: Process, args: &ConfigArgs) -> Result<Self, Problems> {
        let raw = Raw::gather(args)?;
        Self::resolve(process, &raw)
    }

    /// The configuration of `process` out of values already gathered.
    ///
    /// # Errors
    ///
    /// All settings that are missing or wrong, at once.
    pub fn resolve(process: Process, raw: &Raw) -> Result<Self, Problems> {
        resolve::resolve(process, raw)
    }

    /// Whether browsers reach the panel over https, so that its cookies must be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.http.url.scheme() == "https"
    }
}
