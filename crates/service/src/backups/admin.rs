//! Backups of all servers, for administrators: also those that no server can use any more.

use std::collections::HashMap;

use panel_domain::activity::Event;
use panel_domain::id::{
    BackupConfigurationId, BackupId, LocationId, NodeId, ServerId, ServerRef, SystemBackupPolicyId,
};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::backups::{
    self as rows, Backup, BackupChanges, BackupFilter, BackupStats, Scope,
};
use panel_storage::{Readable, locations, nodes, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use url::Url;

use super::query::{export_of, query_of};
use super::restore::{RestoreBackup, RestoreOrder, StartupThen, begin};
use super::{Archive, Doomed, Download, Export, Exported, condemn, download_link};
use crate::cx::Cx;
use crate::error::Error;
use crate::nodes::NodeInfo;
use crate::servers::{AdminServer, for_admin, lock_server};

/// A backup as administrators see it.
#[derive(Debug, Clone)]
pub struct AdminBackup {
    /// The backup.
    pub backup: Backup,
    /// The node that has it or made it.
    pub node: NodeInfo,
    /// Whose it is, if anybody's.
    pub server: Option<AdminServer>,
}

/// Which backups of a node an administrator's list shows.
#[derive(Debug, Clone, Default)]
pub struct ListNodeBackups {
    /// Part of the name.
    pub search: Option<String>,
    /// Only those that belong to no server.
    pub detached: bool,
}

/// One page of the backups that a node has, the youngest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn on_node(
    cx: &Cx,
    node: NodeId,
    input: ListNodeBackups,
    page: Page,
) -> Result<Paged<AdminBackup>, Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    crate::nodes::find(cx, node).await?;
    let filter = BackupFilter {
        search: input.search,
        node: Some(node),
        detached: input.detached,
        ..BackupFilter::default()
    };
    listed(cx, &filter, page).await
}

/// One page of all backups of a server, the youngest first; `elsewhere` of those only that are on another node than the server.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn of_any_server(
    cx: &Cx,
    server: ServerRef,
    search: Option<String>,
    elsewhere: bool,
    page: Page,
) -> Result<Paged<AdminBackup>, Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let server = servers::find_named(&mut cx.read().await?, server)
        .await?
        .ok_or(Error::not_found("server"))?
        .id;
    let filter = BackupFilter {
        search,
        server: Some(server),
        partially_detached: elsewhere,
        ..BackupFilter::default()
    };
    listed(cx, &filter, page).await
}

/// One page of the backups at a place, the youngest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn at_configuration(
    cx: &Cx,
    configuration: BackupConfigurationId,
    search: Option<String>,
    page: Page,
) -> Result<Paged<AdminBackup>, Error> {
    cx.require_admin(AdminPermission::BackupConfigurationsBackups)?;
    crate::backup_configurations::find(cx, configuration).await?;
    let filter = BackupFilter {
        search,
        configuration: Some(configuration),
        ..BackupFilter::default()
    };
    listed(cx, &filter, page).await
}

/// One page of the backups that a policy made, the youngest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn by_policy(
    cx: &Cx,
    policy: SystemBackupPolicyId,
    search: Option<String>,
    page: Page,
) -> Result<Paged<AdminBackup>, Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesBackups)?;
    crate::system_backup_policies::find(cx, policy).await?;
    let filter = BackupFilter {
        search,
        policy: Some(policy),
        ..BackupFilter::default()
    };
    listed(cx, &filter, page).await
}

async fn listed(cx: &Cx, filter: &BackupFilter, page: Page) -> Result<Paged<AdminBackup>, Error> {
    let mut conn = cx.read().await?;
    let (found, total) = rows::list(
        &mut conn,
        Scope::All,
        filter,
        page.offset(),
        page.per_page(),
    )
    .await?;
    let shown = with_surroundings(&mut conn, found).await?;
    Ok(Paged::new(page, total, shown))
}

/// The backups with their nodes and servers, loaded for all at once.
async fn with_surroundings(
    conn: &mut impl Readable,
    found: Vec<Backup>,
) -> Result<Vec<AdminBackup>, Error> {
    let node_ids: Vec<NodeId> = found.iter().filter_map(|backup| backup.node_id).collect();
    let nodes = nodes::load_many(conn, &node_ids).await?;
    let location_ids: Vec<LocationId> = nodes.iter().map(|node| node.location_id).collect();
    let locations = locations::load_many(conn, &location_ids).await?;
    let server_ids: Vec<ServerId> = found.iter().filter_map(|backup| backup.server_id).collect();
    let servers: HashMap<ServerId, AdminServer> =
        for_admin(servers::details(conn, &server_ids).await?)
            .into_iter()
            .map(|server| (server.details.server.id, server))
            .collect();
    Ok(found
        .into_iter()
        .filter_map(|backup| {
            let node = nodes.iter().find(|node| Some(node.id) == backup.node_id)?;
            let location = locations
                .iter()
                .find(|location| location.id == node.location_id)?;
            Some(AdminBackup {
                node: NodeInfo::from((node.clone(), location.clone())),
                server: backup
                    .server_id
                    .and_then(|server| servers.get(&server).cloned()),
                backup,
            })
        })
        .collect())
}

/// How many backups there were: from the beginning, in the last day, week and month.
///
/// # Errors
/// [`Error::Denied`].
pub async fn all_stats(cx: &Cx) -> Result<[BackupStats; 4], Error> {
    cx.require_admin(AdminPermission::StatsRead)?;
    Ok(rows::stats(&mut cx.read().await?, None, cx.now()).await?)
}

/// The backup of this id that the node has.
async fn of_node(conn: &mut impl Readable, node: NodeId, id: BackupId) -> Result<Backup, Error> {
    rows::find(conn, Scope::All, id)
        .await?
        .filter(|backup| backup.node_id == Some(node))
        .ok_or(Error::not_found("backup"))
}

/// A backup that a node has.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get_on_node(cx: &Cx, node: NodeId, id: BackupId) -> Result<Backup, Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    of_node(&mut cx.read().await?, node, id).await
}

/// From where a browser fetches a backup that a node has.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] for one that is not there.
pub async fn download_on_node(
    cx: &Cx,
    node: NodeId,
    id: BackupId,
    how: Download,
) -> Result<Url, Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let backup = of_node(&mut cx.read_primary().await?, node, id).await?;
    download_link(cx, &backup, node, how).await
}

/// How a backup that a node has is packed.
///
/// # Errors
/// As for [`super::query()`].
pub async fn query_on_node(cx: &Cx, node: NodeId, id: BackupId) -> Result<Archive, Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let backup = of_node(&mut cx.read_primary().await?, node, id).await?;
    query_of(cx, &backup, node).await
}

/// Writes a backup that a node has among the files of a server on it.
///
/// # Errors
/// As for [`super::export()`].
pub async fn export_on_node(
    cx: &Cx,
    node: NodeId,
    id: BackupId,
    server: ServerId,
    input: Export,
) -> Result<Exported, Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let mut conn = cx.read_primary().await?;
    let backup = of_node(&mut conn, node, id).await?;
    may_use(&mut conn, &backup, server).await?;
    let target = servers::find(&mut conn, servers::Scope::All, server)
        .await?
        .ok_or(Error::not_found("server"))?;
    drop(conn);
    export_of(cx, &backup, server, target.node_id, input).await
}

/// Has a backup deleted, also a locked one. With `force` the panel forgets it even when node or store do not.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while it is being restored.
pub async fn delete_on_node(cx: &Cx, node: NodeId, id: BackupId, force: bool) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let doomed = Doomed {
        force,
        ..Doomed::new(cx)
    };
    let entry = cx.entry(Event::NodeBackupDelete, json!({}));
    let (doomed, entry) = (&doomed, &entry);
    cx.write(|tx| {
        async move {
            let row = rows::lock(tx, Scope::All, id)
                .await?
                .filter(|row| row.node_id == Some(node))
                .ok_or(Error::not_found("backup"))?;
            condemn(cx, tx, &row, doomed).await?;
            let details =
                json!({ "backup": id, "name": row.name, "server": row.made_of, "force": force });
            entry.clone().with(details).record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Takes a backup away from its server: it stays, and counts for nobody.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] for one that is not there.
pub async fn detach(cx: &Cx, node: NodeId, id: BackupId) -> Result<(), Error> {
    assign(cx, node, id, None).await
}

/// Gives a backup to a server on its node. It counts against the server's limit, and may exceed it.
///
/// # Errors
/// As for [`detach`]; [`Error::Invalid`] for a server that cannot use it.
pub async fn reattach(cx: &Cx, node: NodeId, id: BackupId, server: ServerId) -> Result<(), Error> {
    assign(cx, node, id, Some(server)).await
}

async fn assign(
    cx: &Cx,
    node: NodeId,
    id: BackupId,
    server: Option<ServerId>,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let event = match server {
        Some(_) => Event::NodeBackupReattach,
        None => Event::NodeBackupDetach,
    };
    let entry = cx.entry(event, json!({}));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let row = rows::lock(tx, Scope::All, id)
                .await?
                .filter(|row| row.node_id == Some(node))
                .ok_or(Error::not_found("backup"))?;
            super::usable(&row)?;
            if let Some(server) = server {
                may_use(tx, &row, server).await?;
            }
            let changes = BackupChanges {
                server_id: Some(server.map(ServerId::uuid)),
                backup_group_id: Some(None),
                ..BackupChanges::default()
            };
            rows::update(tx, id, &changes).await?;
            let details = json!({ "backup": id, "name": row.name, "server": server });
            entry.clone().with(details).record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// That a server reaches a backup from where it is.
async fn may_use(conn: &mut impl Readable, backup: &Backup, server: ServerId) -> Result<(), Error> {
    let row = servers::find(conn, servers::Scope::All, server).await?;
    match row {
        Some(row) if backup.shared || Some(row.node_id) == backup.node_id => Ok(()),
        _ => Err(Error::invalid(
            "server_uuid",
            "must be a server on the node that has the backup",
        )),
    }
}

/// Has a backup put back on any server that reaches it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] for a server that does not reach it, [`Error::Conflict`] when the server's state
/// does not allow it.
pub async fn restore_on_node(
    cx: &Cx,
    node: NodeId,
    id: BackupId,
    server: ServerId,
    input: RestoreBackup,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NodesBackups)?;
    let mut conn = cx.read_primary().await?;
    let backup = of_node(&mut conn, node, id).await?;
    may_use(&mut conn, &backup, server).await?;
    let target = servers::find(&mut conn, servers::Scope::All, server)
        .await?
        .ok_or(Error::not_found("server"))?;
    drop(conn);
    let mut order = RestoreOrder::new(cx, server, target.node_id, id, input);
    if input.restore_startup {
        order.startup = StartupThen::AsAdmin;
    }
    let order = &order;
    cx.write(|tx| {
        async move {
            let row = lock_server(tx, server).await?;
            let backup = rows::lock(tx, Scope::All, id)
                .await?
                .ok_or(Error::not_found("backup"))?;
            begin(tx, &row, &backup, order).await
        }
        .scope_boxed()
    })
    .await
}
