//! Adding an SSH key.

use panel_domain::activity::Event;
use panel_domain::api_key::check_name;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::ssh_key::SshPublicKey;
use panel_domain::validate::Invalid;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{SshKey, insert, row};
use crate::cx::Cx;
use crate::error::Error;

/// Adds a key to the caller's account; it opens the files of their servers over SFTP.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name or a key that the account has, [`Error::Conflict`] for too many.
pub async fn create(cx: &Cx, name: String, public_key: &str) -> Result<SshKey, Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::SshKeysCreate)?.id;
    let mut invalid = Invalid::new();
    check_name(&name, &mut invalid);
    let key = invalid.take("public_key", SshPublicKey::parse(public_key));
    invalid.finish()?;
    let Some(key) = key else {
        return Err(Error::internal("a key that is not valid was not noted"));
    };
    let key = row(cx, user, name, &key);
    let entry = cx.entry(
        Event::SshKeyCreate,
        json!({ "uuid": key.id, "name": key.name, "fingerprint": key.fingerprint }),
    );
    let (new, entry) = (&key, &entry);
    cx.write(|tx| {
        async move {
            insert(tx, user, std::slice::from_ref(new), "public_key").await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(key)
}
