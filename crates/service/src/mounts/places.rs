//! Where a mount is.

use chrono::{DateTime, Utc};
use panel_domain::id::MountId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::eggs::Egg;
use panel_storage::mounts;
use panel_storage::nests::Nest;

use super::find;
use crate::cx::Cx;
use crate::error::Error;
use crate::nodes::NodeInfo;
use crate::servers::AdminServer;

/// Asks for the permission to see mounts and what has them, and that the mount is there.
async fn enter(cx: &Cx, mount: MountId, what: AdminPermission) -> Result<(), Error> {
    cx.require_admin(AdminPermission::MountsRead)?;
    cx.require_admin(what)?;
    find(cx, mount).await.map(drop)
}

/// One page of the nodes that have a mount, by name, and since when.
///
/// # Errors
/// [`Error::Denied`] without the permissions to see mounts and nodes, [`Error::NotFound`].
pub async fn nodes(
    cx: &Cx,
    mount: MountId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<(NodeInfo, DateTime<Utc>)>, Error> {
    enter(cx, mount, AdminPermission::NodesRead).await?;
    let mut conn = cx.read().await?;
    let (rows, total) =
        mounts::nodes_with(&mut conn, mount, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows)
        .map(|(node, location, since)| (NodeInfo { node, location }, since)))
}

/// One page of the eggs that have a mount, by name, with their nests, and since when.
///
/// # Errors
/// [`Error::Denied`] without the permissions to see mounts and eggs, [`Error::NotFound`].
pub async fn eggs(
    cx: &Cx,
    mount: MountId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<(Nest, Egg, DateTime<Utc>)>, Error> {
    enter(cx, mount, AdminPermission::EggsRead).await?;
    let mut conn = cx.read().await?;
    let (rows, total) =
        mounts::eggs_with(&mut conn, mount, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// One page of the servers that have a mount, by name, and since when.
///
/// # Errors
/// [`Error::Denied`] without the permissions to see mounts and servers, [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    mount: MountId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<(AdminServer, DateTime<Utc>)>, Error> {
    enter(cx, mount, AdminPermission::ServersRead).await?;
    let mut conn = cx.read().await?;
    let (rows, total) =
        mounts::servers_page(&mut conn, mount, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows).map(|(details, since)| (AdminServer { details }, since)))
}
