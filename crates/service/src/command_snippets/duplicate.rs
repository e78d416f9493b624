//! Copying a command snippet.

use panel_domain::activity::Event;
use panel_domain::command_snippet::check_name;
use panel_domain::id::CommandSnippetId;
use panel_domain::permission::UserPermission;
use panel_domain::validate::Invalid;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{CommandSnippet, find, insert};
use crate::cx::Cx;
use crate::error::Error;

/// Makes a copy of a snippet of the caller under another name.
///
/// # Errors
/// As [`create`](super::create()), and [`Error::NotFound`].
pub async fn duplicate(
    cx: &Cx,
    id: CommandSnippetId,
    name: String,
) -> Result<CommandSnippet, Error> {
    let user = cx.require_user(UserPermission::CommandSnippetsCreate)?.id;
    let mut invalid = Invalid::new();
    check_name(&name, &mut invalid);
    invalid.finish()?;
    let copy = CommandSnippet {
        id: CommandSnippetId::new_v4(),
        name,
        created_at: cx.now(),
        ..find(cx, user, id).await?
    };
    let entry = cx.entry(
        Event::CommandSnippetCreate,
        json!({ "uuid": copy.id, "name": copy.name, "copy_of": id }),
    );
    let (new, entry) = (&copy, &entry);
    cx.write(|tx| {
        async move {
            insert(tx, new).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(copy)
}
