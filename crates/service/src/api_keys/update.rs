//! Changing an API key.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::api_key::parse_allowed_ips;
use panel_domain::id::ApiKeyId;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::validate::Invalid;
use panel_storage::api_keys::{self, ApiKeyChanges};
use panel_storage::consistency::RevocationKind;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::input::{self, Permissions};
use super::{NAME_KEY, NAME_TAKEN, find, scope_of};
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::roles::stored;

/// Changes of a key: `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateApiKey {
    /// Unique among the user's keys.
    pub name: Option<String>,
    /// Addresses and networks it may be used from; empty is from everywhere.
    pub allowed_ips: Option<Vec<String>>,
    /// Keys of permissions on the own account.
    pub user_permissions: Option<Vec<String>>,
    /// Keys of permissions in the administration.
    pub admin_permissions: Option<Vec<String>>,
    /// Keys of permissions on servers.
    pub server_permissions: Option<Vec<String>>,
    /// When it stops working.
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// Changes a key of the caller; with a key, one that may do no more than that one, before and after.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another key has.
pub async fn update(cx: &Cx, id: ApiKeyId, input: UpdateApiKey) -> Result<(), Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::ApiKeysUpdate)?.id;
    let before = find(cx, user, id).await?;
    let mut invalid = Invalid::new();
    input::check(
        input.name.as_deref(),
        input.expires_at.flatten(),
        cx.now(),
        &mut invalid,
    );
    let allowed_ips = input
        .allowed_ips
        .as_ref()
        .map(|texts| parse_allowed_ips(texts, &mut invalid));
    let scope = Permissions {
        user: input
            .user_permissions
            .as_ref()
            .unwrap_or(&before.user_permissions),
        admin: input
            .admin_permissions
            .as_ref()
            .unwrap_or(&before.admin_permissions),
        server: input
            .server_permissions
            .as_ref()
            .unwrap_or(&before.server_permissions),
    }
    .scope(&mut invalid);
    invalid.finish()?;
    policy::may_change_api_key(
        cx.actor(),
        UserPermission::ApiKeysUpdate,
        Some(&scope_of(&before)),
        Some(&scope),
    )?;
    let changes = ApiKeyChanges {
        name: input.name,
        allowed_ips,
        user_permissions: input.user_permissions.map(|_| stored(scope.user)),
        admin_permissions: input.admin_permissions.map(|_| stored(scope.admin)),
        server_permissions: input.server_permissions.map(|_| stored(scope.server)),
        expires_at: input.expires_at,
        ..ApiKeyChanges::default()
    };
    if changes == ApiKeyChanges::default() {
        return Ok(());
    }
    let name = changes.name.as_ref().unwrap_or(&before.name);
    let entry = cx.entry(
        Event::ApiKeyUpdate,
        json!({ "uuid": id, "name": name, "identifier": before.key_start }),
    );
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            api_keys::update(tx, user, id, changes)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?
                .ok_or(Error::not_found("api key"))?;
            tx.revoke(RevocationKind::ApiKey, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
