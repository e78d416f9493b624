//! Removing an SSH key.

use panel_domain::activity::Event;
use panel_domain::id::SshKeyId;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_storage::{servers, ssh_keys};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::Error;
use crate::users::cut_connections;

/// Removes a key of the caller. A node does not say which key a connection was opened with, so it ends all that the caller has.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: SshKeyId) -> Result<(), Error> {
    let user = policy::may_add_credential(cx.actor(), UserPermission::SshKeysDelete)?.id;
    let mut conn = cx.read_primary().await?;
    let before = find(&mut conn, user, id).await?;
    let servers = servers::ids_of_user(&mut conn, user).await?;
    drop(conn);
    let entry = cx.entry(
        Event::SshKeyDelete,
        json!({ "uuid": id, "name": before.name, "fingerprint": before.fingerprint }),
    );
    let now = cx.now();
    let (entry, servers) = (&entry, &servers);
    cx.write(|tx| {
        async move {
            if !ssh_keys::delete(tx, user, id).await? {
                return Err(Error::not_found("ssh key"));
            }
            cut_connections(tx, user, servers, now).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
