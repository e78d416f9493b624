//! Deleting a command snippet.

use panel_domain::activity::Event;
use panel_domain::id::CommandSnippetId;
use panel_domain::permission::UserPermission;
use panel_storage::command_snippets;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// Deletes a snippet of the caller.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, id: CommandSnippetId) -> Result<(), Error> {
    let user = cx.require_user(UserPermission::CommandSnippetsDelete)?.id;
    let before = find(cx, user, id).await?;
    let entry = cx.entry(
        Event::CommandSnippetDelete,
        json!({ "uuid": id, "name": before.name }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !command_snippets::delete(tx, user, id).await? {
                return Err(Error::not_found("command snippet"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
