//! Renaming an SSH key.

use panel_domain::activity::Event;
use panel_domain::api_key::check_name;
use panel_domain::id::SshKeyId;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::validate::Invalid;
use panel_storage::ssh_keys;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, find};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Renames a key of the caller; without a name it stays as it is.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another key has.
pub async fn update(cx: &Cx, id: SshKeyId, name: Option<String>) -> Result<(), Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::SshKeysUpdate)?.id;
    let before = find(&mut cx.read_primary().await?, user, id).await?;
    let Some(name) = name.filter(|name| *name != before.name) else {
        return Ok(());
    };
    let mut invalid = Invalid::new();
    check_name(&name, &mut invalid);
    invalid.finish()?;
    let entry = cx.entry(
        Event::SshKeyUpdate,
        json!({ "uuid": id, "name": name, "fingerprint": before.fingerprint }),
    );
    let (name, entry) = (&name, &entry);
    cx.write(|tx| {
        async move {
            let renamed = ssh_keys::rename(tx, user, id, name)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            if !renamed {
                return Err(Error::not_found("ssh key"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
