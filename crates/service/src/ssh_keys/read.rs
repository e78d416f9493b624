//! Reading SSH keys.

use panel_domain::page::{Page, Paged};
use panel_domain::permission::UserPermission;
use panel_storage::ssh_keys::{self, SshKey};

use crate::cx::Cx;
use crate::error::Error;

/// One page of the caller's keys by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<SshKey>, Error> {
    let user = cx.require_user(UserPermission::SshKeysRead)?.id;
    let mut conn = cx.read().await?;
    let (rows, total) =
        ssh_keys::list(&mut conn, user, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}
