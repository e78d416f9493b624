//! Deleting a user.

use panel_domain::activity::Event;
use panel_domain::id::UserId;
use panel_domain::permission::AdminPermission;
use panel_domain::policy;
use panel_storage::consistency::RevocationKind;
use panel_storage::{servers, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{cut_connections, facts_of, keep_an_administrator, read};
use crate::cx::Cx;
use crate::error::{Error, in_use};
use crate::keys::ServerKey;

/// Deletes a user who owns no server, with their sessions, keys and shares of servers.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while they own servers or when no administrator would be left.
pub async fn delete(cx: &Cx, id: UserId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::UsersDelete)?;
    let before = read::find_on_primary(cx, id).await?;
    policy::may_act_on_user(cx.actor(), &facts_of(&before), AdminPermission::UsersDelete)?;
    let shared = servers::ids_of_user(&mut cx.read_primary().await?, id).await?;
    let now = cx.now();
    let leads = before.user.admin && !before.user.suspended;
    let entry = cx.entry(
        Event::UserDelete,
        json!({ "uuid": id, "username": before.user.username, "email": before.user.email }),
    );
    let (entry, shared) = (&entry, &shared);
    cx.write(|tx| {
        async move {
            if leads {
                keep_an_administrator(tx, id).await?;
            }
            let deleted = users::delete(tx, id).await.map_err(|error| {
                in_use(
                    error,
                    "user_has_servers",
                    "this user still owns servers: delete them or give them to somebody else first",
                )
            })?;
            if !deleted {
                return Err(Error::not_found("user"));
            }
            tx.revoke(RevocationKind::User, id);
            for key in shared.iter().flat_map(|server| ServerKey::names(*server)) {
                tx.invalidate(key);
            }
            cut_connections(tx, id, shared, now).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
