//! Looking at places for backups.

use panel_domain::id::BackupConfigurationId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::backup_configurations as rows;
use panel_storage::backups::{self, BackupStats};
use panel_storage::locations::{self as location_rows, Location};
use panel_storage::servers::{Scope, ServerFilter, list_details};
use panel_storage::{Readable, nodes as node_rows};

use super::BackupConfiguration;
use crate::cx::Cx;
use crate::error::Error;
use crate::nodes::NodeInfo;
use crate::servers::{AdminServer, for_admin};

/// One page of places for backups, by name.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<BackupConfiguration>, Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsRead)?;
    let mut conn = cx.read().await?;
    let (found, total) = rows::list(&mut conn, search, page.offset(), page.per_page()).await?;
    let found = found
        .into_iter()
        .map(|row| BackupConfiguration::of(cx, row))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Paged::new(page, total, found))
}

/// A place for backups.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: BackupConfigurationId) -> Result<BackupConfiguration, Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsRead)?;
    BackupConfiguration::of(cx, find(cx, id).await?)
}

/// The row of a place for backups.
pub(crate) async fn find(
    cx: &Cx,
    id: BackupConfigurationId,
) -> Result<rows::BackupConfiguration, Error> {
    rows::find(&mut cx.read().await?, id)
        .await?
        .ok_or(Error::not_found("backup configuration"))
}

/// That something may keep its backups there: the place is there, or none is named.
pub(crate) async fn exists(
    conn: &mut impl Readable,
    id: Option<BackupConfigurationId>,
) -> Result<bool, Error> {
    match id {
        Some(id) => Ok(rows::find(conn, id).await?.is_some()),
        None => Ok(true),
    }
}

/// That something may keep its backups there, as a message at the field that names it.
pub(crate) async fn check_reference(
    conn: &mut impl Readable,
    id: Option<BackupConfigurationId>,
) -> Result<(), Error> {
    if exists(conn, id).await? {
        return Ok(());
    }
    Err(Error::invalid(
        "backup_configuration_uuid",
        "must be an existing backup configuration",
    ))
}

/// How many backups were kept there: from the beginning, in the last day, week and month.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn stats(cx: &Cx, id: BackupConfigurationId) -> Result<[BackupStats; 4], Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsRead)?;
    find(cx, id).await?;
    Ok(backups::stats(&mut cx.read().await?, Some(id), cx.now()).await?)
}

/// One page of the locations whose backups go there.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn locations(
    cx: &Cx,
    id: BackupConfigurationId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Location>, Error> {
    cx.require_admin(AdminPermission::LocationsRead)?;
    find(cx, id).await?;
    let mut conn = cx.read().await?;
    let (found, total) =
        location_rows::with_backups_at(&mut conn, id, search, page.offset(), page.per_page())
            .await?;
    Ok(Paged::new(page, total, found))
}

/// One page of the nodes whose backups go there.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn nodes(
    cx: &Cx,
    id: BackupConfigurationId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<NodeInfo>, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    find(cx, id).await?;
    let mut conn = cx.read().await?;
    let (found, total) =
        node_rows::with_backups_at(&mut conn, id, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, found).map(NodeInfo::from))
}

/// One page of the servers whose own setting sends their backups there.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    id: BackupConfigurationId,
    page: Page,
    search: Option<String>,
) -> Result<Paged<AdminServer>, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    find(cx, id).await?;
    let filter = ServerFilter {
        search,
        backup_configuration_id: Some(id),
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
    Ok(Paged::new(page, total, for_admin(found)))
}
