//! The administration's log.

use panel_domain::id::UserId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::activities::{self, Log};

use crate::cx::Cx;
use crate::error::Error;
use crate::users::{Activity, people};

/// One page of what administrators did, newest first; with `by`, what this one did; with `search`, events whose name contains
/// it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    page: Page,
    search: Option<&str>,
    by: Option<UserId>,
) -> Result<Paged<Activity>, Error> {
    cx.require_admin(AdminPermission::ActivityRead)?;
    let log = by.map_or(Log::Admin, Log::AdminBy);
    let mut conn = cx.read().await?;
    let (rows, total) =
        activities::list(&mut conn, log, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, people(&mut conn, rows).await?))
}
