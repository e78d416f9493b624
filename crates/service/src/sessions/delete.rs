//! Ending sessions.

use panel_domain::activity::Event;
use panel_domain::id::SessionId;
use panel_domain::permission::UserPermission;
use panel_storage::consistency::RevocationKind;
use panel_storage::sessions;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;

/// Ends one session of the caller, which may be the one that asks.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: SessionId) -> Result<(), Error> {
    let user = cx.require_user(UserPermission::SessionsDelete)?.id;
    let entry = cx.entry(Event::SessionDelete, json!({ "uuid": id }));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !sessions::delete(tx, user, id).await? {
                return Err(Error::not_found("session"));
            }
            tx.revoke(RevocationKind::Session, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Ends all sessions of the caller but the one that asks, and says how many.
///
/// # Errors
/// [`Error::Denied`].
pub async fn delete_others(cx: &Cx) -> Result<usize, Error> {
    let user = cx.require_user(UserPermission::SessionsDelete)?;
    let (id, keep) = (user.id, user.session());
    let entry = cx.entry(Event::SessionDelete, json!({ "others": true }));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let ended = sessions::delete_others(tx, id, keep).await?;
            for session in &ended {
                tx.revoke(RevocationKind::Session, *session);
            }
            entry.record(tx);
            Ok(ended.len())
        }
        .scope_boxed()
    })
    .await
}
