//! Reading mounts.

use panel_domain::id::MountId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::mounts::{self, Mount};

use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// One page of mounts by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Mount>, Error> {
    cx.require_admin(AdminPermission::MountsRead)?;
    let mut conn = cx.read().await?;
    let (rows, total) = mounts::list(&mut conn, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// One mount.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: MountId) -> Result<Mount, Error> {
    cx.require_admin(AdminPermission::MountsRead)?;
    find(cx, id).await
}
