//! Reading command snippets.

use panel_domain::id::EggId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::UserPermission;
use panel_storage::command_snippets::{self, CommandSnippet};

use crate::cx::Cx;
use crate::error::Error;

/// One page of the caller's snippets by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<CommandSnippet>, Error> {
    let user = cx.require_user(UserPermission::CommandSnippetsRead)?.id;
    let mut conn = cx.read().await?;
    let (rows, total) =
        command_snippets::list(&mut conn, user, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// The caller's snippets for servers of an egg: not more than a user may have. An egg that there is not has those for all eggs,
/// so that nobody learns here which there are.
///
/// # Errors
/// [`Error::Denied`].
pub async fn for_egg(cx: &Cx, egg: EggId) -> Result<Vec<CommandSnippet>, Error> {
    let user = cx.require_user(UserPermission::CommandSnippetsRead)?.id;
    Ok(command_snippets::for_egg(&mut cx.read().await?, user, egg).await?)
}
