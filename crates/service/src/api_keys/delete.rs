//! Deleting an API key.

use panel_domain::activity::Event;
use panel_domain::id::ApiKeyId;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_storage::api_keys;
use panel_storage::consistency::RevocationKind;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{find, scope_of};
use crate::cx::Cx;
use crate::error::Error;

/// Deletes a key of the caller; it stops working at once.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: ApiKeyId) -> Result<(), Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::ApiKeysDelete)?.id;
    let before = find(cx, user, id).await?;
    policy::may_change_api_key(
        cx.actor(),
        UserPermission::ApiKeysDelete,
        Some(&scope_of(&before)),
        None,
    )?;
    let entry = cx.entry(
        Event::ApiKeyDelete,
        json!({ "uuid": id, "name": before.name, "identifier": before.key_start }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !api_keys::delete(tx, user, id).await? {
                return Err(Error::not_found("api key"));
            }
            tx.revoke(RevocationKind::ApiKey, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
