//! Console commands that users keep.

use panel_domain::id::{CommandSnippetId, UserId};
use panel_storage::command_snippets::{self, CommandSnippet};
use scoped_futures::ScopedFutureExt;

use super::{number, write};
use crate::app::TestApp;

/// A command that a user keeps for servers of every egg.
pub async fn command_snippet(app: &TestApp, user: UserId) -> CommandSnippetId {
    let row = CommandSnippet {
        id: CommandSnippetId::new_v4(),
        user_id: user,
        name: format!("Snippet {}", number()),
        command: "save-all".to_owned(),
        all_eggs: true,
        created_at: app.now(),
        eggs: Vec::new(),
    };
    let new = &row;
    write(app, "a command snippet", |tx| {
        async move {
            command_snippets::insert(tx, new, i64::MAX).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    row.id
}
