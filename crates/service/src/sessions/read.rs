//! Reading sessions.

use panel_domain::page::{Page, Paged};
use panel_domain::permission::UserPermission;
use panel_storage::sessions::{self, Session};

use crate::cx::Cx;
use crate::error::Error;

/// One page of the caller's sessions, last used first; with `search`, those whose browser's name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Session>, Error> {
    let user = cx.require_user(UserPermission::SessionsRead)?.id;
    let used_after = cx.now() - cx.parts().options.session_lifetime;
    let mut conn = cx.read().await?;
    let (rows, total) = sessions::list(
        &mut conn,
        user,
        used_after,
        search,
        page.offset(),
        page.per_page(),
    )
    .await?;
    Ok(Paged::new(page, total, rows))
}
