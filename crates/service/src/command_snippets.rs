//! Console commands that users keep under a name.

mod create;
mod delete;
mod duplicate;
mod read;
mod update;

pub use create::{NewCommandSnippet, create};
pub use delete::delete;
pub use duplicate::duplicate;
pub use panel_storage::command_snippets::CommandSnippet;
pub use read::{for_egg, list};
pub use update::{UpdateCommandSnippet, update};

use panel_domain::id::{CommandSnippetId, UserId};
use panel_domain::validate::Invalid;
use panel_storage::{Tx, command_snippets, users};

use crate::cx::Cx;
use crate::error::Error;

/// The most snippets a user may have.
pub const MAX_COMMAND_SNIPPETS: i64 = 100;

/// A snippet of the user, as the primary has it.
async fn find(cx: &Cx, user: UserId, id: CommandSnippetId) -> Result<CommandSnippet, Error> {
    command_snippets::find(&mut cx.read_primary().await?, user, id)
        .await?
        .ok_or(Error::not_found("command snippet"))
}

async fn insert(tx: &mut Tx, new: &CommandSnippet) -> Result<(), Error> {
    if !users::lock(tx, new.user_id).await? {
        return Err(Error::Unauthenticated);
    }
    let inserted = command_snippets::insert(tx, new, MAX_COMMAND_SNIPPETS).await;
    if inserted.map_err(refused)? {
        Ok(())
    } else {
        Err(Error::conflict(
            "too_many_command_snippets",
            format!("you have {MAX_COMMAND_SNIPPETS} command snippets already: delete one first"),
        ))
    }
}

/// What the tables' rules mean to somebody who broke them.
fn refused(error: panel_storage::Error) -> Error {
    match error {
        panel_storage::Error::Conflict { constraint }
            if constraint == "command_snippets_name_key" =>
        {
            Error::Taken(Invalid::of(
                "name",
                "is the name of another of your snippets",
            ))
        }
        panel_storage::Error::ForeignKey { constraint }
            if constraint == "command_snippet_eggs_egg_id_fkey" =>
        {
            Error::invalid("eggs", "must be eggs that there are")
        }
        other => other.into(),
    }
}
