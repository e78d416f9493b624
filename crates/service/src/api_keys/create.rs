//! Making an API key.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::api_key::parse_allowed_ips;
use panel_domain::id::ApiKeyId;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::validate::Invalid;
use panel_storage::api_keys::{self, ApiKey};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::input::{self, Permissions};
use super::{MAX_API_KEYS, NAME_KEY, NAME_TAKEN};
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::roles::stored;

/// A new key.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Unique among the user's keys.
    pub name: String,
    /// Addresses and networks it may be used from; empty is from everywhere.
    pub allowed_ips: Vec<String>,
    /// Keys of permissions on the own account.
    pub user_permissions: Vec<String>,
    /// Keys of permissions in the administration.
    pub admin_permissions: Vec<String>,
    /// Keys of permissions on servers.
    pub server_permissions: Vec<String>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key that was just made.
#[derive(Debug)]
pub struct CreatedApiKey {
    /// As it is listed.
    pub api_key: ApiKey,
    /// The key itself. It cannot be had again.
    pub key: panel_secrets::ApiKey,
}

/// Makes a key for the caller; with a key, one that may do no more than that one.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another key has, [`Error::Conflict`] for too many.
pub async fn create(cx: &Cx, input: NewApiKey) -> Result<CreatedApiKey, Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::ApiKeysCreate)?.id;
    let mut invalid = Invalid::new();
    let now = cx.now();
    input::check(Some(&input.name), input.expires_at, now, &mut invalid);
    let allowed_ips = parse_allowed_ips(&input.allowed_ips, &mut invalid);
    let scope = Permissions {
        user: &input.user_permissions,
        admin: &input.admin_permissions,
        server: &input.server_permissions,
    }
    .scope(&mut invalid);
    invalid.finish()?;
    policy::may_change_api_key(
        cx.actor(),
        UserPermission::ApiKeysCreate,
        None,
        Some(&scope),
    )?;
    let key = panel_secrets::ApiKey::generate();
    let row = ApiKey {
        id: ApiKeyId::new_v4(),
        user_id: user,
        name: input.name,
        key_start: key.start().to_owned(),
        secret_hash: key.hash().as_bytes().to_vec(),
        allowed_ips,
        user_permissions: stored(scope.user),
        admin_permissions: stored(scope.admin),
        server_permissions: stored(scope.server),
        last_used_at: None,
        expires_at: input.expires_at,
        created_at: now,
    };
    let entry = cx.entry(
        Event::ApiKeyCreate,
        json!({ "uuid": row.id, "name": row.name, "identifier": row.key_start }),
    );
    let (new, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            // Two at once may make one too many; the limit is there to keep lists short.
            if api_keys::count(tx, user).await? >= MAX_API_KEYS {
                return Err(Error::conflict(
                    "too_many_api_keys",
                    format!("you have {MAX_API_KEYS} API keys already: delete one first"),
                ));
            }
            api_keys::insert(tx, new)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(CreatedApiKey { api_key: row, key })
}
