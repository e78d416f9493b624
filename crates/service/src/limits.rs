//! How much a client may ask in a window of time. Administrators may change most limits; a process notices within seconds.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use panel_cache::{Client, Decision, Key, Monotonic as _, RateLimit, SystemMonotonic};
use panel_domain::actor::Actor;
use panel_domain::id::UserId;
use panel_storage::settings;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::cx::Cx;
use crate::error::Error;

/// How long this process works by the limits it knows before it looks at the settings again.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long the settings may be kept in Redis; a change ends it at once.
const TTL: Duration = Duration::from_secs(60);

/// What settings of limits start with.
const SETTING: &str = "ratelimits::";

/// What is limited, under the names that settings have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Making an account for oneself.
    AuthRegister,
    /// Signing in with a password, per address.
    AuthLogin,
    /// The second step of signing in.
    AuthLoginCheckpoint,
    /// Signing in with a security key.
    AuthLoginSecurityKey,
    /// Asking for a new password.
    AuthPasswordForgot,
    /// Setting a new password.
    AuthPasswordReset,
    /// Every request of users: per user, and per address for those who have not signed in.
    Client,
    /// Making backups.
    ClientServersBackupsCreate,
    /// Letting a node fetch a file.
    ClientServersFilesPull,
    /// Asking what a node would fetch.
    ClientServersFilesPullQuery,
    /// Requests of daemons. They are never limited: a daemon takes a refusal as final.
    Remote,
    /// Signing in to SFTP with a password, per address and user.
    RemoteSftpAuth,
    /// Signing in to SFTP with a password, per node and user: the address is what the node says. No setting.
    RemoteSftpUser,
    /// Signing in to SFTP with a key, per node and user: clients offer several keys in turn. No setting.
    RemoteSftpKey,
    /// Fetching keys from where somebody publishes them, per user. No setting.
    SshKeyImport,
    /// The first account, per address. No setting.
    Setup,
    /// Giving the own password to change what it protects, per user. No setting.
    AccountPassword,
    /// Running schedules now, per server. No setting.
    ScheduleTrigger,
    /// Ending runs of schedules, per server. No setting.
    ScheduleAbort,
}

impl Bucket {
    /// The buckets that have a setting, in the order of the settings.
    pub const SETTINGS: [Self; 12] = [
        Self::AuthRegister,
        Self::AuthLogin,
        Self::AuthLoginCheckpoint,
        Self::AuthLoginSecurityKey,
        Self::AuthPasswordForgot,
        Self::AuthPasswordReset,
        Self::Client,
        Self::ClientServersBackupsCreate,
        Self::ClientServersFilesPull,
        Self::ClientServersFilesPullQuery,
        Self::Remote,
        Self::RemoteSftpAuth,
    ];

    /// Its name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthRegister => "auth_register",
            Self::AuthLogin => "auth_login",
            Self::AuthLoginCheckpoint => "auth_login_checkpoint",
            Self::AuthLoginSecurityKey => "auth_login_security_key",
            Self::AuthPasswordForgot => "auth_password_forgot",
            Self::AuthPasswordReset => "auth_password_reset",
            Self::Client => "client",
            Self::ClientServersBackupsCreate => "client_servers_backups_create",
            Self::ClientServersFilesPull => "client_servers_files_pull",
            Self::ClientServersFilesPullQuery => "client_servers_files_pull_query",
            Self::Remote => "remote",
            Self::RemoteSftpAuth => "remote_sftp_auth",
            Self::RemoteSftpUser => "remote_sftp_user",
            Self::RemoteSftpKey => "remote_sftp_key",
            Self::SshKeyImport => "ssh_key_import",
            Self::Setup => "setup",
            Self::AccountPassword => "account_password",
            Self::ScheduleTrigger => "schedule_trigger",
            Self::ScheduleAbort => "schedule_abort",
        }
    }

    /// The bucket with a setting of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::SETTINGS
            .into_iter()
            .find(|bucket| bucket.name() == name)
    }

    /// Its limit while nobody has set another.
    #[must_use]
    pub const fn default_limit(self) -> Limit {
        let (hits, window_seconds) = match self {
            Self::AuthRegister | Self::AuthPasswordForgot | Self::AuthPasswordReset => (10, 3600),
            Self::AuthLogin | Self::AuthLoginSecurityKey => (20, 300),
            Self::AuthLoginCheckpoint | Self::Setup | Self::AccountPassword => (10, 300),
            Self::Client => (720, 60),
            Self::ClientServersBackupsCreate => (10, 600),
            Self::ClientServersFilesPull
            | Self::ScheduleTrigger
            | Self::ScheduleAbort
            | Self::SshKeyImport => (10, 60),
            Self::ClientServersFilesPullQuery => (30, 60),
            Self::Remote => (0, 60),
            Self::RemoteSftpAuth => (20, 60),
            Self::RemoteSftpUser => (60, 60),
            Self::RemoteSftpKey => (300, 60),
        };
        Limit {
            hits,
            window_seconds,
        }
    }
}

/// So many uses in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Uses in a window.
    pub hits: u32,
    /// Length of the window.
    pub window_seconds: u32,
}

impl Limit {
    const fn to_bits(self) -> u64 {
        (self.hits as u64) << 32 | self.window_seconds as u64
    }

    #[expect(clippy::cast_possible_truncation, reason = "each half is a u32")]
    const fn from_bits(bits: u64) -> Self {
        Self {
            hits: (bits >> 32) as u32,
            window_seconds: bits as u32,
        }
    }
}

/// The limits that somebody has set, by the names of their buckets.
pub(crate) struct LimitsKey;

impl Key for LimitsKey {
    type Value = Vec<(String, Limit)>;
    const KIND: &'static str = "rate_limits";

    fn id(&self) -> String {
        "all".to_owned()
    }
}

/// The limits as this process knows them. Read by every request, so without a lock.
pub(crate) struct KnownLimits {
    limits: [AtomicU64; Bucket::SETTINGS.len()],
    clock: SystemMonotonic,
    /// When to look at the settings again, in milliseconds of `clock`.
    look_at: AtomicU64,
}

impl Default for KnownLimits {
    fn default() -> Self {
        Self {
            limits: Bucket::SETTINGS.map(|bucket| AtomicU64::new(bucket.default_limit().to_bits())),
            clock: SystemMonotonic::new(),
            look_at: AtomicU64::new(0),
        }
    }
}

impl KnownLimits {
    fn of(&self, bucket: Bucket) -> Limit {
        Bucket::SETTINGS
            .iter()
            .zip(&self.limits)
            .find(|(known, _)| **known == bucket)
            .map_or_else(
                || bucket.default_limit(),
                |(_, bits)| Limit::from_bits(bits.load(Ordering::Relaxed)),
            )
    }

    /// What is set from now on; buckets that are not named have their default.
    fn know(&self, set: &[(String, Limit)]) {
        for (bucket, known) in Bucket::SETTINGS.iter().zip(&self.limits) {
            let set = set.iter().find(|(name, _)| name == bucket.name());
            let limit = set.map_or_else(|| bucket.default_limit(), |(_, limit)| *limit);
            known.store(limit.to_bits(), Ordering::Relaxed);
        }
    }

    /// Whether it is this caller's turn to look at the settings.
    fn is_due(&self) -> bool {
        let milliseconds =
            |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let now = milliseconds(self.clock.now());
        let look_at = self.look_at.load(Ordering::Relaxed);
        let next = now.saturating_add(milliseconds(LOOK_EVERY));
        now >= look_at
            && self
                .look_at
                .compare_exchange(look_at, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

/// The limits that somebody has set.
///
/// # Errors
/// [`Error::Unavailable`] when no database can be reached.
pub(crate) async fn set_limits(cx: &Cx) -> Result<Vec<(String, Limit)>, Error> {
    cx.cached(&LimitsKey, TTL, async |mut conn| {
        let rows = settings::all(&mut conn).await?;
        let limits = rows.into_iter().filter_map(|row| {
            let name = row.key.strip_prefix(SETTING)?.to_owned();
            match serde_json::from_value(row.value) {
                Ok(limit) => Some((name, limit)),
                Err(error) => {
                    tracing::error!(setting = row.key, %error, "A setting cannot be read; its default holds");
                    None
                }
            }
        });
        Ok(limits.collect())
    })
    .await
}

/// The key of a bucket's setting.
pub(crate) fn setting(bucket: Bucket) -> String {
    format!("{SETTING}{}", bucket.name())
}

/// Lets this process work by the limits that are set, as `cx` has to be shown them.
pub(crate) async fn learn(cx: &Cx) {
    match set_limits(cx).await {
        Ok(set) => cx.parts().limits.know(&set),
        Err(error) => {
            tracing::warn!(%error, "The settings of rate limits cannot be read; those known before hold");
        }
    }
}

impl App {
    fn limit_of(&self, bucket: Bucket) -> Limit {
        let known = &self.0.limits;
        if known.is_due() {
            let cx = self.system();
            tokio::spawn(async move { learn(&cx).await });
        }
        known.of(bucket)
    }

    fn rate_limit<'a>(
        &self,
        bucket: Bucket,
        name: &'static str,
        client: Client<'a>,
    ) -> RateLimit<'a> {
        let Limit {
            hits,
            window_seconds,
        } = self.limit_of(bucket);
        RateLimit {
            bucket: name,
            client,
            budget: hits,
            window: Duration::from_secs(window_seconds.into()),
        }
    }

    /// Counts a request of the user, else of the address, if that takes no waiting and the budget has room; else nothing is
    /// counted, and the request has to be admitted in the usual way.
    pub(crate) fn admits_at_once(&self, user: Option<UserId>, ip: Option<IpAddr>) -> bool {
        let limit = match (user, ip) {
            (Some(user), _) => {
                let client = Client::Number(user.uuid().as_u128());
                self.rate_limit(Bucket::Client, "client", client)
            }
            (None, Some(ip)) => {
                let client = Client::Number(network_of(ip));
                self.rate_limit(Bucket::Client, "client_address", client)
            }
            (None, None) => return true,
        };
        let decision = self.0.cache.limit_at_once(limit);
        decision.is_some_and(|decision| decision.allowed)
    }

    async fn count(
        &self,
        bucket: Bucket,
        name: &'static str,
        client: Client<'_>,
    ) -> Result<(), Error> {
        let limit = self.rate_limit(bucket, name, client);
        let cache = &self.0.cache;
        let decision = match cache.limit_at_once(limit) {
            Some(decision) => decision,
            // On the heap: only one request of very many gets here, and each would carry the space for it.
            None => Box::pin(cache.limit(limit)).await,
        };
        decided(decision)
    }

    /// Counts a request from an address that shows no valid credential.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the address has used up its budget.
    pub async fn admit_address(&self, ip: IpAddr) -> Result<(), Error> {
        let client = Client::Number(network_of(ip));
        self.count(Bucket::Client, "client_address", client).await
    }
}

impl Cx {
    /// Counts this request: for the user who is signed in, else for the address it comes from. Nodes are not counted.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the user or the address has used up their budget.
    pub async fn admit(&self) -> Result<(), Error> {
        match self.actor() {
            Actor::User(user) => {
                let client = Client::Number(user.id.uuid().as_u128());
                self.app().count(Bucket::Client, "client", client).await
            }
            Actor::Anonymous => match self.request().ip {
                Some(ip) => self.app().admit_address(ip).await,
                None => Ok(()),
            },
            Actor::Node(_) | Actor::System => Ok(()),
        }
    }

    /// Counts one use of a bucket by `client`.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the budget is spent.
    pub(crate) async fn limit(&self, bucket: Bucket, client: Client<'_>) -> Result<(), Error> {
        self.app().count(bucket, bucket.name(), client).await
    }

    /// Counts one use of a bucket by the address that the request comes from.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the budget is spent.
    pub(crate) async fn limit_address(&self, bucket: Bucket) -> Result<(), Error> {
        let network = self.request().ip.map_or(0, network_of);
        self.limit(bucket, Client::Number(network)).await
    }
}

fn decided(decision: Decision) -> Result<(), Error> {
    if decision.allowed {
        Ok(())
    } else {
        Err(Error::RateLimited {
            limit: decision.limit,
            retry_after: decision.reset_after,
        })
    }
}

/// An address as far as it tells clients apart: who has IPv6 has a network of 2⁶⁴ addresses to come from.
pub(crate) fn network_of(ip: IpAddr) -> u128 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_client() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn names_are_those_of_the_settings() {
        for bucket in Bucket::SETTINGS {
            assert_eq!(Bucket::named(bucket.name()), Some(bucket));
        }
        assert_eq!(Bucket::named("setup"), None);
    }

    #[test]
    fn what_is_set_holds_until_it_is_not() {
        let known = KnownLimits::default();
        let raised = Limit {
            hits: u32::MAX,
            window_seconds: 1,
        };
        known.know(&[("client".to_owned(), raised)]);
        assert_eq!(known.of(Bucket::Client), raised);
        assert_eq!(
            known.of(Bucket::AuthLogin),
            Bucket::AuthLogin.default_limit()
        );
        known.know(&[]);
        assert_eq!(known.of(Bucket::Client).hits, 720);
        assert_eq!(known.of(Bucket::Setup), Bucket::Setup.default_limit());
    }

    #[test]
    fn one_of_many_looks_at_the_settings() {
        let known = KnownLimits::default();
        assert!(known.is_due());
        assert!(!known.is_due());
    }
}
