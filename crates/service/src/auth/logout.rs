//! Signing out.

use panel_domain::activity::Event;
use panel_domain::policy;
use panel_storage::consistency::RevocationKind;
use panel_storage::sessions;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;

/// Ends the session that this request was made with. With an API key there is none, and nothing happens.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub async fn logout(cx: &Cx) -> Result<(), Error> {
    let user = policy::signed_in(cx.actor())?;
    let Some(session) = user.session() else {
        return Ok(());
    };
    let id = user.id;
    let entry = cx.entry(Event::AuthLogout, json!({}));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            sessions::delete(tx, id, session).await?;
            tx.revoke(RevocationKind::Session, session.uuid());
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
