//! Changing a command snippet.

use panel_domain::activity::Event;
use panel_domain::command_snippet::{check_command, check_eggs, check_name};
use panel_domain::id::CommandSnippetId;
use panel_domain::permission::UserPermission;
use panel_domain::validate::Invalid;
use panel_storage::command_snippets::{self, CommandSnippetChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use uuid::Uuid;

use super::{find, refused};
use crate::cx::Cx;
use crate::error::Error;

/// Changes of a snippet: `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateCommandSnippet {
    /// Unique among the user's snippets.
    pub name: Option<String>,
    /// One line.
    pub command: Option<String>,
    /// The eggs it is for; all when empty.
    pub eggs: Option<Vec<Uuid>>,
}

/// Changes a snippet of the caller.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(
    cx: &Cx,
    id: CommandSnippetId,
    input: UpdateCommandSnippet,
) -> Result<(), Error> {
    let user = cx.require_user(UserPermission::CommandSnippetsUpdate)?.id;
    let mut invalid = Invalid::new();
    if let Some(name) = &input.name {
        check_name(name, &mut invalid);
    }
    if let Some(command) = &input.command {
        check_command(command, &mut invalid);
    }
    let eggs = input.eggs.map(|eggs| check_eggs(&eggs, &mut invalid));
    invalid.finish()?;
    let changes = CommandSnippetChanges {
        name: input.name,
        command: input.command,
        all_eggs: eggs.as_ref().map(Vec::is_empty),
    };
    if changes == CommandSnippetChanges::default() {
        find(cx, user, id).await?;
        return Ok(());
    }
    let entry = cx.entry(
        Event::CommandSnippetUpdate,
        json!({ "uuid": id, "name": changes.name }),
    );
    let (changes, eggs, entry) = (&changes, eggs.as_deref(), &entry);
    cx.write(|tx| {
        async move {
            let changed = command_snippets::update(tx, user, id, changes, eggs).await;
            if !changed.map_err(refused)? {
                return Err(Error::not_found("command snippet"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
