//! Keeping a console command.

use panel_domain::activity::Event;
use panel_domain::command_snippet::{check_command, check_eggs, check_name};
use panel_domain::id::CommandSnippetId;
use panel_domain::permission::UserPermission;
use panel_domain::validate::Invalid;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use uuid::Uuid;

use super::{CommandSnippet, insert};
use crate::cx::Cx;
use crate::error::Error;

/// A new snippet.
#[derive(Debug, Clone)]
pub struct NewCommandSnippet {
    /// Unique among the user's snippets.
    pub name: String,
    /// One line.
    pub command: String,
    /// The eggs it is for; all when empty.
    pub eggs: Vec<Uuid>,
}

/// Keeps a command for the caller.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has, [`Error::Conflict`] for too many.
pub async fn create(cx: &Cx, input: NewCommandSnippet) -> Result<CommandSnippet, Error> {
    let user = cx.require_user(UserPermission::CommandSnippetsCreate)?.id;
    let mut invalid = Invalid::new();
    check_name(&input.name, &mut invalid);
    check_command(&input.command, &mut invalid);
    let eggs = check_eggs(&input.eggs, &mut invalid);
    invalid.finish()?;
    let snippet = CommandSnippet {
        id: CommandSnippetId::new_v4(),
        user_id: user,
        name: input.name,
        command: input.command,
        all_eggs: eggs.is_empty(),
        created_at: cx.now(),
        eggs,
    };
    let entry = cx.entry(
        Event::CommandSnippetCreate,
        json!({ "uuid": snippet.id, "name": snippet.name }),
    );
    let (new, entry) = (&snippet, &entry);
    cx.write(|tx| {
        async move {
            insert(tx, new).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(snippet)
}
