//! What was done with the own account.

use panel_domain::page::{Page, Paged};
use panel_domain::permission::UserPermission;
use panel_storage::activities::{self, Log};

use crate::cx::Cx;
use crate::error::Error;
use crate::users::{Activity, people};

/// One page of what was done with the caller's account, newest first; with `search`, events whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn activity(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Activity>, Error> {
    let log = Log::User(cx.require_user(UserPermission::ActivityRead)?.id);
    let mut conn = cx.read().await?;
    let (rows, total) =
        activities::list(&mut conn, log, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, people(&mut conn, rows).await?))
}
