//! Reading eggs.

use panel_domain::id::{EggId, NestId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::{AdminPermission, UserPermission};
use panel_storage::eggs::{self as rows, EggFilter};
use panel_storage::servers::{Scope, ServerFilter, list_details};

use super::{Egg, find};
use crate::cx::Cx;
use crate::error::Error;
use crate::nests;
use crate::servers::{self, AdminServer};

/// One page of a nest's eggs by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`] without the permission to see eggs, [`Error::NotFound`].
pub async fn list(
    cx: &Cx,
    nest: NestId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Egg>, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    nests::find(cx, nest).await?;
    let filter = EggFilter {
        search: search.map(str::to_owned),
        nest_id: Some(nest),
    };
    let mut conn = cx.read().await?;
    let (eggs, total) = rows::list(&mut conn, &filter, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, eggs))
}

/// One page of the eggs that the caller's servers run, by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn of_servers(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Egg>, Error> {
    let user = cx.require_user(UserPermission::ServersRead)?.id;
    let mut conn = cx.read().await?;
    let (eggs, total) =
        rows::of_user(&mut conn, user, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, eggs))
}

/// One egg.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, nest: NestId, id: EggId) -> Result<Egg, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    find(cx, nest, id).await
}

/// One page of the servers that run an egg.
///
/// # Errors
/// [`Error::Denied`] without the permission to see servers, [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    nest: NestId,
    id: EggId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<AdminServer>, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    find(cx, nest, id).await?;
    let filter = ServerFilter {
        search: search.map(str::to_owned),
        egg_id: Some(id),
        ..ServerFilter::default()
    };
    let mut conn = cx.read().await?;
    let (found, total) = list_details(
        &mut conn,
        Scope::All,
        &filter,
        page.offset(),
        page.per_page(),
    )
    .await?;
    let found = servers::for_admin(found);
    Ok(Paged::new(page, total, found))
}
