//! What an operator may set.

use std::time::Duration;

/// Where the databases are, and how long to wait for them.
#[derive(Clone)]
pub struct StorageOptions {
    /// URL of the primary: `postgres://user:password@host:port/database?sslmode=…`. It may name several hosts, of which one is the
    /// primary at a time.
    pub primary_url: String,
    /// URLs of replicas, one host each; one that equals `primary_url` is the primary.
    pub read_urls: Vec<String>,
    /// Most connections per database, beside one that looks after it. An eighth of them is kept for what must go on whatever requests
    /// do.
    pub max_connections: usize,
    /// How long a connection to the primary may take to be made.
    pub connect_timeout: Duration,
    /// How long to wait for a connection to the primary to become free. Hundreds of people who come back at once, to a database that has
    /// to read everything from its disk again, are served one after the other within that.
    pub checkout_timeout: Duration,
    /// How long the primary may be silent on a statement before it is asked whether it lives, and how long that may take.
    pub primary_patience: Duration,
    /// How long a replica may make a reader wait that does not answer, be it for a connection or on a statement, before somebody else
    /// is asked.
    pub replica_patience: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// A replica that is further behind is left alone until it has caught up.
    pub max_replica_lag: Duration,
    /// Where the database shows no log positions: the worst skew between its nodes' clocks and the longest transaction, added.
    pub clock_margin: Duration,
    /// From what consistency tokens are signed: the panel's encryption key.
    pub token_secret: Vec<u8>,
    /// Secrets that were used before; their tokens are still read.
    pub previous_token_secrets: Vec<Vec<u8>>,
}

impl StorageOptions {
    /// The usual times, for a primary at `primary_url` and `read_urls` (comma separated, may be empty).
    #[must_use]
    pub fn new(primary_url: &str, read_urls: &str, token_secret: &[u8]) -> Self {
        let read_urls = read_urls
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty());
        Self {
            primary_url: primary_url.trim().to_owned(),
            read_urls: read_urls.map(ToOwned::to_owned).collect(),
            max_connections: 16,
            connect_timeout: Duration::from_secs(3),
            checkout_timeout: Duration::from_secs(3),
            primary_patience: Duration::from_millis(400),
            replica_patience: Duration::from_millis(250),
            statement_timeout: Duration::from_secs(5),
            max_replica_lag: Duration::from_secs(30),
            clock_margin: Duration::from_secs(20),
            token_secret: token_secret.to_vec(),
            previous_token_secrets: Vec::new(),
        }
    }
}

/// Shows no URL and no secret.
impl std::fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageOptions")
            .field("read_urls", &self.read_urls.len())
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}
