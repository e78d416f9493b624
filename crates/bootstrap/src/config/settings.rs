//! The table of all settings: what is checked, what is the default, what the documentation says.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub key: &'static str,
    /// What holds when it is not given.
    pub fallback: Fallback,
    /// Which program reads it.
    pub used_by: UsedBy,
    /// Whether its value is kept out of logs and messages.
    pub secret: bool,
    /// What it means, for the documentation.
    pub help: &'static str,
}

/// What holds when a setting is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The process does not start.
    Required,
    /// Nothing; what that means is said in the help.
    Unset,
    /// This text, read as if it had been given.
    Value(&'static str),
}

/// Which program reads a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedBy {
    /// Both.
    Both,
    /// `panel-server` only.
    Server,
    /// `panel-worker` only.
    Worker,
}

const fn setting(key: &'static str, fallback: Fallback, help: &'static str) -> Setting {
    Setting {
        key,
        fallback,
        used_by: UsedBy::Both,
        secret: false,
        help,
    }
}

impl Setting {
    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn only(mut self, used_by: UsedBy) -> Self {
        self.used_by = used_by;
        self
    }
}

use Fallback::{Required, Unset, Value};

/// Networks that answer only to machines near the panel, and so must never be fetched from on a user's behalf.
const PRIVATE_NETWORKS: &str = "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,\
192.168.0.0/16,198.18.0.0/15,224.0.0.0/3,::/128,::1/128,::ffff:0:0/96,64:ff9b::/96,64:ff9b:1::/48,fc00::/7,fe80::/9,ff00::/8";

/// Every setting, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    setting(
        "DATABASE_URL",
        Required,
        "PostgreSQL address, `postgres://user:password@host:5432/name`. Alone it serves reads and writes. Beside \
         `DATABASE_URL_PRIMARY` it is where reads go: one or more replicas, separated by commas, each with an address of its own.",
    )
    .secret(),
    setting(
        "DATABASE_URL_PRIMARY",
        Unset,
        "PostgreSQL address that takes writes, when it is not `DATABASE_URL`. It may name several hosts, of which one is the primary \
         at a time.",
    )
    .secret(),
    setting(
        "DATABASE_MIGRATE",
        Value("false"),
        "Apply pending migrations at start. Safe on any number of processes at once.",
    ),
    setting(
        "DATABASE_CONNECTIONS",
        Value("16"),
        "The most connections of this process to the primary, and to each replica (1 to 500), beside one that looks after it.",
    ),
    setting(
        "REDIS_MODE",
        Value("redis"),
        "`redis` for one address, `sentinel` for a master found through Sentinels.",
    ),
    setting(
        "REDIS_URL",
        Unset,
        "`redis://[user:password@]host:6379[/database]`, `rediss://` for TLS. Required in the mode `redis`. The store \
         is only a cache: the panel also starts and works, slower, while it is away.",
    )
    .secret(),
    setting(
        "REDIS_SENTINEL_CLUSTER",
        Unset,
        "Name of the master at the Sentinels. Required in the mode `sentinel`.",
    ),
    setting(
        "REDIS_SENTINELS",
        Unset,
        "Addresses of the Sentinels as `host:port` or `redis://` addresses, separated by commas. Required in the mode \
         `sentinel`.",
    )
    .secret(),
    setting(
        "REDIS_USERNAME",
        Unset,
        "User of the Redis servers in the mode `sentinel`.",
    ),
    setting(
        "REDIS_PASSWORD",
        Unset,
        "Password of the Redis servers in the mode `sentinel`.",
    )
    .secret(),
    setting(
        "BIND",
        Value("0.0.0.0"),
        "Address to listen on, or the path of a Unix socket.",
    )
    .only(UsedBy::Server),
    setting("PORT", Value("8000"), "Port to listen on.").only(UsedBy::Server),
    setting(
        "APP_OPS_BIND",
        Value("127.0.0.1"),
        "Address on which `/health/live`, `/health/ready` and `/metrics` are answered. Metrics need no sign-in: keep \
         the address private.",
    ),
    setting(
        "APP_OPS_PORT",
        Unset,
        "Port of health and metrics; without it 8081 for the server and 8082 for the worker.",
    ),
    setting(
        "APP_URL",
        Value("http://localhost:8000"),
        "The address under which browsers and nodes reach the panel. With `https` cookies are sent over TLS only.",
    ),
    setting(
        "APP_ENCRYPTION_KEY",
        Required,
        "Seals node tokens, passwords of database hosts and other secrets at rest. At least 32 bytes; make one \
         with `openssl rand -hex 32` and keep a copy: without it these secrets are lost.",
    )
    .secret(),
    setting(
        "APP_PREVIOUS_ENCRYPTION_KEYS",
        Unset,
        "Earlier keys, separated by commas: they still open what they sealed, and are needed until it is sealed anew.",
    )
    .secret(),
    setting(
        "APP_DEBUG",
        Value("false"),
        "Log plain text in more detail instead of JSON.",
    ),
    setting(
        "APP_LOG_DIRECTORY",
        Unset,
        "Folder that gets a log file per day besides standard output; 30 are kept.",
    ),
    setting(
        "APP_REGION",
        Value("default"),
        "Name of the region this process runs in; shown in logs.",
    ),
    setting(
        "APP_TRUSTED_PROXIES",
        Unset,
        "Networks (such as `10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed, separated by commas. Without \
         it the header is ignored.",
    )
    .only(UsedBy::Server),
    setting(
        "APP_SPOOL_DIRECTORY",
        Unset,
        "Folder of this process alone that outlives it. While the primary is away, the last word of a node on an installation, a backup or \
         a transfer is held for 25 seconds, then written there, accepted, and delivered when the primary is back. Without it such \
         reports are refused, and the daemons in Go delete a backup whose report is refused.",
    )
    .only(UsedBy::Server),
    setting(
        "APP_BLOCKED_CIDRS",
        Value(PRIVATE_NETWORKS),
        "Networks from which the panel never fetches on behalf of a user, separated by commas; `none` blocks nothing. \
         Files of eggs are fetched so. Nodes may be in any network: administrators name them.",
    ),
    setting(
        "APP_ENABLE_WINGS_PROXY",
        Value("false"),
        "Pass consoles, downloads and uploads on to nodes, for browsers that cannot reach them.",
    )
    .only(UsedBy::Server),
    setting(
        "APP_DISABLE_FRONTEND",
        Value("false"),
        "Serve the API without the web pages.",
    )
    .only(UsedBy::Server),
    setting(
        "APP_USE_INTERNAL_CACHE",
        Value("true"),
        "Keep a small cache inside each process in front of Redis.",
    ),
    setting(
        "APP_USE_DECRYPTION_CACHE",
        Value("false"),
        "Keep opened node tokens in the caches, for up to a minute. Faster, but whoever reads the memory or the traffic of \
         Redis can then act as a node.",
    ),
    setting(
        "APP_DRAIN_SECONDS",
        Value("10"),
        "How long the server keeps answering after it was told to stop, so that load balancers send traffic \
         elsewhere (0 to 300).",
    )
    .only(UsedBy::Server),
    setting(
        "APP_WORKER_PRIORITY",
        Value("0"),
        "Which worker leads when several run: the one with the highest number (-1000 to 1000). Raise it near the \
         primary database.",
    )
    .only(UsedBy::Worker),
    setting(
        "SERVER_NAME",
        Unset,
        "Answered as `X-Server-Name`, to tell servers behind a load balancer apart.",
    )
    .only(UsedBy::Server),
];
