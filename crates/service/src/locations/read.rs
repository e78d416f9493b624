//! Reading locations.

use panel_domain::id::LocationId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::locations::{self, Location};
use panel_storage::nodes as node_rows;

use crate::cx::Cx;
use crate::error::Error;
use crate::nodes::NodeInfo;

/// One page of locations by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`] without the permission to see locations.
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Location>, Error> {
    cx.require_admin(AdminPermission::LocationsRead)?;
    let mut conn = cx.read().await?;
    let (rows, total) = locations::list(&mut conn, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// One location.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: LocationId) -> Result<Location, Error> {
    cx.require_admin(AdminPermission::LocationsRead)?;
    find(cx, id).await
}

/// One page of the nodes at a location.
///
/// # Errors
/// [`Error::Denied`] without the permission to see nodes, [`Error::NotFound`].
pub async fn nodes(
    cx: &Cx,
    id: LocationId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<NodeInfo>, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    find(cx, id).await?;
    let filter = node_rows::NodeFilter {
        search: search.map(str::to_owned),
        location_id: Some(id),
    };
    let mut conn = cx.read().await?;
    let (rows, total) = node_rows::list(&mut conn, &filter, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows).map(NodeInfo::from))
}

pub(crate) async fn find(cx: &Cx, id: LocationId) -> Result<Location, Error> {
    let found = locations::find(&mut cx.read().await?, id).await?;
    found.ok_or(Error::not_found("location"))
}
