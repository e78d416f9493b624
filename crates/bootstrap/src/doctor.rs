//! Checks the settings against the services that run, and says what is wrong and how to mend it.

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use panel_storage::{Db, Freshness, Probe, Source, migrate};
use url::Host;

use crate::config::{Bind, Config};
use crate::wire;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, but the operator should know.
    Notice,
    /// The panel does not work like this.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The settings it is about.
    pub subject: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub what: String,
    /// What to do.
    pub mend: Option<String>,
}

impl Finding {
    fn good(subject: &str, what: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Good, what.into(), None)
    }

    fn notice(subject: &str, what: impl Into<String>, mend: &str) -> Self {
        Self::new(subject, Verdict::Notice, what.into(), Some(mend.to_owned()))
    }

    fn broken(subject: &str, what: impl Into<String>, mend: &str) -> Self {
        Self::new(subject, Verdict::Broken, what.into(), Some(mend.to_owned()))
    }

    fn new(subject: &str, verdict: Verdict, what: String, mend: Option<String>) -> Self {
        Self {
            subject: subject.to_owned(),
            verdict,
            what,
            mend,
        }
    }
}

/// Looks at everything. Changes nothing.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    match wire::database(config) {
        Ok(db) => examine_database(&db, &mut findings).await,
        Err(error) => findings.push(refused("DATABASE_URL", &error)),
    }
    findings.push(examine_cache(config).await);
    if let Err(error) = wire::app(config) {
        findings.push(refused("the configuration", &error));
    }
    examine_addresses(config, &mut findings).await;
    if let Some(directory) = &config.log.directory {
        findings.push(examine_directory("APP_LOG_DIRECTORY", directory));
    }
    if let Some(directory) = &config.spool_directory {
        findings.push(examine_directory("APP_SPOOL_DIRECTORY", directory));
    }
    examine_choices(config, &mut findings);
    findings
}

fn refused(subject: &str, error: &impl Display) -> Finding {
    Finding::broken(subject, error.to_string(), "Correct the setting.")
}

async fn examine_database(db: &Db, findings: &mut Vec<Finding>) {
    const PRIMARY: &str = "DATABASE_URL / DATABASE_URL_PRIMARY";
    if let Err(error) = db.read(Freshness::Primary).await {
        findings.push(Finding::broken(
            PRIMARY,
            format!("the primary does not answer: {error}"),
            "Check that PostgreSQL runs, that the address, user, password and database are right, and that nothing \
             between blocks it.",
        ));
        return;
    }
    findings.push(Finding::good(PRIMARY, "the primary answers"));
    match migrate::pending(db).await {
        Ok(pending) if pending.is_empty() => {
            findings.push(Finding::good(
                "DATABASE_MIGRATE",
                "all migrations are applied",
            ));
        }
        Ok(pending) => findings.push(Finding::broken(
            "DATABASE_MIGRATE",
            format!("not applied yet: {}", pending.join(", ")),
            "Run `panel-server migrate`, or start a server with DATABASE_MIGRATE=true.",
        )),
        Err(error) => findings.push(Finding::broken(
            "DATABASE_MIGRATE",
            format!("the migrations cannot be listed: {error}"),
            "Let the database's user make tables in its schema.",
        )),
    }
    match db.positions().await {
        Ok(positions) => findings.push(Finding::good(
            "consistency",
            format!("positions come from {positions:?}"),
        )),
        Err(error) => findings.push(refused("consistency", &error)),
    }
    if let Err(error) = Probe::new(db.clone()).step().await {
        findings.push(refused(PRIMARY, &error));
    }
    for replica in db
        .health()
        .iter()
        .filter(|server| server.source == Source::Replica)
    {
        let lag = replica.lag.unwrap_or(Duration::ZERO);
        findings.push(if replica.in_use {
            Finding::good(
                "DATABASE_URL",
                format!("the replica {} follows, {lag:?} behind", replica.name),
            )
        } else {
            Finding::notice(
                "DATABASE_URL",
                format!(
                    "the replica {} does not answer or does not follow; reads go elsewhere",
                    replica.name
                ),
                "Check the address, and the replication on the primary (pg_stat_replication).",
            )
        });
    }
}

async fn examine_cache(config: &Config) -> Finding {
    const SUBJECT: &str = "REDIS_URL / REDIS_SENTINELS";
    let cache = match wire::cache(config) {
        Ok(cache) => cache,
        Err(error) => return refused(SUBJECT, &error),
    };
    if cache.connect().await {
        Finding::good(SUBJECT, "the shared cache answers")
    } else {
        Finding::notice(
            SUBJECT,
            "the shared cache does not answer; the panel works without it, slower, and limits sign-ins per process",
            "Check that Redis runs and that the address and password are right.",
        )
    }
}

async fn examine_addresses(config: &Config, findings: &mut Vec<Finding>) {
    if let Bind::Tcp(address) = config.http.bind {
        findings.push(examine_port("BIND / PORT", address));
    }
    findings.push(examine_port("APP_OPS_BIND / APP_OPS_PORT", config.ops));
    if !config.ops.ip().is_loopback() {
        findings.push(Finding::notice(
            "APP_OPS_BIND",
            "metrics are answered to other machines, without a sign-in",
            "Let only your monitoring reach this port.",
        ));
    }
    let url = &config.http.url;
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if is_local {
        findings.push(Finding::notice(
            "APP_URL",
            format!("{url} means this machine on every machine, so nodes elsewhere cannot reach the panel"),
            "Give the address that browsers and nodes use.",
        ));
    } else if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) {
        let name = host.trim_matches(['[', ']']).to_owned();
        let resolved = tokio::net::lookup_host((name, port)).await;
        let found = resolved.is_ok_and(|mut addresses| addresses.next().is_some());
        findings.push(if found {
            Finding::good("APP_URL", format!("{host} has an address"))
        } else {
            Finding::broken(
                "APP_URL",
                format!("{host} has no address"),
                "Make a DNS entry for it, or correct the setting.",
            )
        });
    }
}

/// Whether the port can be had. Taken by a running panel is as good as free.
fn examine_port(subject: &str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::good(subject, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::notice(
            subject,
            format!("{address} is in use"),
            "All is well if that is the running panel; else choose another port.",
        ),
        Err(error) => Finding::broken(
            subject,
            format!("{address} cannot be used: {error}"),
            "Give an address of this machine, and a port above 1023 unless the process may use lower ones.",
        ),
    }
}

fn examine_directory(subject: &str, directory: &Path) -> Finding {
    match std::fs::metadata(directory) {
        Ok(meta) if meta.is_dir() && !meta.permissions().readonly() => {
            Finding::good(subject, "it is a folder that exists")
        }
        Ok(_) => Finding::broken(
            subject,
            format!("{} is no folder that can be written", directory.display()),
            "Give a folder that belongs to the panel's user.",
        ),
        // The folder is made at the start, as far as the one above allows it.
        Err(_) => Finding::notice(
            subject,
            format!("{} does not exist yet", directory.display()),
            "It is made when it is needed; the panel's user must be allowed to.",
        ),
    }
}

fn examine_choices(config: &Config, findings: &mut Vec<Finding>) {
    if config.is_https() && config.http.trusted_proxies.is_empty() {
        findings.push(Finding::notice(
            "APP_TRUSTED_PROXIES",
            "APP_URL is https, so a proxy stands in front, but none is trusted: everybody seems to come from its address \
             and shares one rate limit",
            "Give the proxy's address.",
        ));
    }
    if !config.is_https() {
        findings.push(Finding::notice(
            "APP_URL",
            "cookies and passwords travel without encryption",
            "Put a proxy with TLS in front and give its https address.",
        ));
    }
    if config.cache.decrypted_secrets {
        findings.push(Finding::notice(
            "APP_USE_DECRYPTION_CACHE",
            "decrypted secrets are kept in the caches",
            "Switch it off unless you need the speed and nobody else reads your Redis.",
        ));
    }
}
