//! Adding the SSH keys that somebody publishes.

use std::collections::HashSet;
use std::time::Duration;

use panel_cache::Client;
use panel_domain::activity::Event;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::ssh_key::{SshKeyProvider, SshPublicKey, check_username, imported_name};
use panel_domain::validate::Invalid;
use panel_fetch::{Fetcher, Limits};
use panel_storage::ssh_keys;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use url::Url;

use super::{MAX_SSH_KEYS, SshKey, insert, row};
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;

/// What a list of keys may cost: far more than the most keys of one account have.
const LIMITS: Limits = Limits {
    bytes: 512 * 1024,
    time: Duration::from_secs(10),
};

/// Where people publish their keys: the beginnings of addresses.
#[derive(Debug, Clone)]
pub struct Sites {
    github: String,
    gitlab: String,
    launchpad: String,
}

impl Default for Sites {
    fn default() -> Self {
        Self {
            github: "https://github.com/".to_owned(),
            gitlab: "https://gitlab.com/".to_owned(),
            launchpad: "https://launchpad.net/".to_owned(),
        }
    }
}

impl Sites {
    /// One address, which ends with a slash, in place of all of them.
    #[must_use]
    pub fn all_at(site: &str) -> Self {
        Self {
            github: site.to_owned(),
            gitlab: site.to_owned(),
            launchpad: site.to_owned(),
        }
    }

    fn of(&self, provider: SshKeyProvider) -> &str {
        match provider {
            SshKeyProvider::Github => &self.github,
            SshKeyProvider::Gitlab => &self.gitlab,
            SshKeyProvider::Launchpad => &self.launchpad,
        }
    }
}

/// Adds the keys that `username` publishes to the caller's account, but for those that it has and those that are not accepted.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for a name without keys there, [`Error::Conflict`] for too many, [`Error::RateLimited`].
pub async fn import(
    cx: &Cx,
    provider: SshKeyProvider,
    username: &str,
) -> Result<Vec<SshKey>, Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::SshKeysCreate)?.id;
    let mut invalid = Invalid::new();
    check_username(username, &mut invalid);
    invalid.finish()?;
    cx.limit(Bucket::SshKeyImport, Client::Number(user.uuid().as_u128()))
        .await?;
    let published = fetch(cx, provider, username).await?;
    let held = ssh_keys::of_user(&mut cx.read_primary().await?, user).await?;
    let mut fingerprints: HashSet<String> =
        held.iter().map(|key| key.fingerprint.clone()).collect();
    let names: HashSet<&str> = held.iter().map(|key| key.name.as_str()).collect();
    let free_names = (1..)
        .map(|n| imported_name(provider, username, n))
        .filter(|name| !names.contains(name.as_str()));
    let keys: Vec<SshKey> = published
        .iter()
        .filter(|key| fingerprints.insert(key.fingerprint().to_owned()))
        // One more than there may be is told as too many.
        .take(usize::try_from(MAX_SSH_KEYS).unwrap_or(usize::MAX) + 1)
        .zip(free_names)
        .map(|(key, name)| row(cx, user, name, key))
        .collect();
    if keys.is_empty() {
        return Ok(keys);
    }
    let entries: Vec<_> = keys
        .iter()
        .map(|key| {
            let data = json!({
                "uuid": key.id, "name": key.name, "fingerprint": key.fingerprint, "provider": provider, "username": username,
            });
            cx.entry(Event::SshKeyCreate, data)
        })
        .collect();
    let (new, entries) = (&keys, &entries);
    cx.write(|tx| {
        async move {
            insert(tx, user, new, "username").await?;
            for entry in entries {
                entry.record(tx);
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(keys)
}

/// The accepted keys that somebody publishes: at least one.
async fn fetch(
    cx: &Cx,
    provider: SshKeyProvider,
    username: &str,
) -> Result<Vec<SshPublicKey>, Error> {
    let options = cx.app().options();
    let site = options.ssh_key_sites.of(provider);
    let address =
        Url::parse(&format!("{site}{}", provider.path(username))).map_err(Error::internal)?;
    let file = Fetcher::new(&options.blocked_networks)
        .map_err(Error::internal)?
        .get(&address, LIMITS)
        .await
        .map_err(|error| match error {
            panel_fetch::Error::Status(404) => Error::invalid(
                "username",
                format!("is nobody whom {} knows", provider.name()),
            ),
            other => Error::invalid("provider", other.to_string()),
        })?;
    let keys: Vec<SshPublicKey> = String::from_utf8_lossy(&file)
        .lines()
        .filter_map(|line| SshPublicKey::parse(line).ok())
        .collect();
    if keys.is_empty() {
        return Err(Error::invalid(
            "username",
            format!("publishes no key at {} that is accepted", provider.name()),
        ));
    }
    Ok(keys)
}
