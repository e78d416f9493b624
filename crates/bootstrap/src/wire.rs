//! From a configuration to the application: every part made once, in one place.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use panel_cache::{Cache, Options as CacheOptions, OptionsError, RedisTarget};
use panel_domain::clock::{Clock, SystemClock};
use panel_jobs::{Runner, RunnerBuilder, RunnerOptions};
use panel_secrets::{HashingLimits, KeyRing, KeyRingError, PasswordHasher, Purpose};
use panel_service::operations::Failpoints;
use panel_service::spool::SpoolOptions;
use panel_service::ssh_keys::Sites;
use panel_service::{App, AppParts, Options};
use panel_storage::{Db, InvalidUrl, StorageOptions};
use wings_client::{BuildError, Nodes, Settings, install_tls_provider};

use crate::config::{Config, RedisConfig};

/// What the panel is called until somebody names it.
const NAME: &str = "Roost";

/// How long a final report of a node is held before it is kept on disk: daemons wait 30 seconds for an answer.
const HOLD: Duration = Duration::from_secs(25);

/// How long a session lasts that nobody uses.
const SESSION_LIFETIME: TimeDelta = TimeDelta::days(7);

/// Why the parts could not be made. No service that is merely away is among the reasons.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A database address that the driver refuses.
    #[error("DATABASE_URL or DATABASE_URL_PRIMARY: {0}")]
    Database(#[from] InvalidUrl),
    /// A Redis address that the driver refuses.
    #[error("REDIS_URL or REDIS_SENTINELS: {0}")]
    Redis(#[from] OptionsError),
    /// A key that cannot seal anything.
    #[error("APP_ENCRYPTION_KEY or APP_PREVIOUS_ENCRYPTION_KEYS: {0}")]
    Keys(#[from] KeyRingError),
    /// TLS does not work on this machine.
    #[error(transparent)]
    Nodes(#[from] BuildError),
}

/// The application of `config`. Nothing is dialled: what is away now may be there when it is needed.
///
/// # Errors
///
/// A part refuses its configuration.
pub fn app(config: &Config) -> Result<App, Error> {
    let keys = key_ring(config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(App::new(AppParts {
        db: database(config)?,
        cache: cache(config)?,
        keys,
        passwords: PasswordHasher::new(HashingLimits::default()),
        nodes: Nodes::new(Arc::clone(&clock), Settings::default())?,
        clock,
        options: Options {
            url: config.http.url.clone(),
            name: NAME.to_owned(),
            wings_proxy: config.http.wings_proxy,
            debug: config.log.debug,
            blocked_networks: config.blocked_cidrs.clone(),
            ssh_key_sites: Sites::default(),
            session_lifetime: SESSION_LIFETIME,
            spool: config
                .spool_directory
                .clone()
                .map(|directory| SpoolOptions {
                    directory,
                    hold: HOLD,
                }),
            failpoints: Failpoints::new(config.failpoint.clone(), config.sabotage.as_deref()),
        },
    }))
}

fn key_ring(config: &Config) -> Result<KeyRing, KeyRingError> {
    let previous: Vec<&String> = config
        .encryption
        .previous
        .iter()
        .map(|key| key.expose())
        .collect();
    KeyRing::new(config.encryption.active.expose(), &previous)
}

/// The databases of `config`, not yet dialled.
///
/// # Errors
///
/// An address or a key cannot be used.
pub fn database(config: &Config) -> Result<Db, Error> {
    // Connections to databases and to Redis take the process's provider of TLS.
    install_tls_provider();
    let keys = key_ring(config)?;
    let mut token_secrets = keys.derive_all(Purpose::CONSISTENCY_TOKEN).into_iter();
    let token_secret = token_secrets.next().unwrap_or_default();
    let mut options = StorageOptions::new(config.database.primary_url.expose(), "", &token_secret);
    options.read_urls = config
        .database
        .replica_urls
        .iter()
        .map(|url| url.expose().to_owned())
        .collect();
    options.max_connections = config.database.connections;
    options.previous_token_secrets = token_secrets.map(Vec::from).collect();
    Ok(Db::new(options)?)
}

/// The caches of `config`, not yet dialled.
///
/// # Errors
///
/// An address cannot be used.
pub fn cache(config: &Config) -> Result<Cache, OptionsError> {
    install_tls_provider();
    let redis = match &config.redis {
        RedisConfig::Single { url } => RedisTarget::Single {
            url: url.expose().to_owned(),
        },
        RedisConfig::Sentinel {
            master,
            sentinels,
            username,
            password,
        } => RedisTarget::Sentinel {
            master: master.clone(),
            sentinels: sentinels
                .iter()
                .map(|url| url.expose().to_owned())
                .collect(),
            username: username.clone(),
            password: password.as_ref().map(|p| p.expose().to_owned()),
        },
    };
    let mut options = CacheOptions {
        redis: Some(redis),
        cache_secrets: config.cache.decrypted_secrets,
        ..CacheOptions::default()
    };
    if !config.cache.local_tier {
        options.local_capacity = None;
    }
    Cache::new(options)
}

/// The queue's runner, to which the adapter adds its handlers.
#[must_use]
pub fn runner(app: &App) -> RunnerBuilder {
    Runner::builder(
        app.db().clone(),
        Arc::clone(app.clock()),
        RunnerOptions::default(),
    )
}
