//! Giving an API key a new secret.

use panel_domain::activity::Event;
use panel_domain::id::ApiKeyId;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_storage::api_keys::{self, ApiKeyChanges};
use panel_storage::consistency::RevocationKind;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{CreatedApiKey, find, scope_of};
use crate::cx::Cx;
use crate::error::Error;

/// Gives a key of the caller a new secret; the old one stops working at once.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn recreate(cx: &Cx, id: ApiKeyId) -> Result<CreatedApiKey, Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::ApiKeysRecreate)?.id;
    let before = find(cx, user, id).await?;
    policy::may_change_api_key(
        cx.actor(),
        UserPermission::ApiKeysRecreate,
        Some(&scope_of(&before)),
        None,
    )?;
    let key = panel_secrets::ApiKey::generate();
    let changes = ApiKeyChanges {
        key_start: Some(key.start().to_owned()),
        secret_hash: Some(key.hash().as_bytes().to_vec()),
        ..ApiKeyChanges::default()
    };
    let entry = cx.entry(
        Event::ApiKeyRecreate,
        json!({ "uuid": id, "name": before.name, "identifier": key.start() }),
    );
    let (changes, entry) = (&changes, &entry);
    let api_key = cx
        .write(|tx| {
            async move {
                let changed = api_keys::update(tx, user, id, changes)
                    .await?
                    .ok_or(Error::not_found("api key"))?;
                tx.revoke(RevocationKind::ApiKey, id);
                entry.record(tx);
                Ok(changed)
            }
            .scope_boxed()
        })
        .await?;
    Ok(CreatedApiKey { api_key, key })
}
