//! Having a backup put back.

use panel_domain::activity::Event;
use panel_domain::id::{BackupId, EggVariableId, NodeId, ServerId, ServerRef};
use panel_domain::operation::OperationKind;
use panel_domain::permission::{Permission as _, PermissionSet, ServerPermission};
use panel_domain::policy::{self, Denial};
use panel_domain::server::{Report, ServerAction, ServerStatus, Step};
use panel_jobs::payload;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::backups::Backup;
use panel_storage::operations::{self, Operation};
use panel_storage::servers::{self, Server, ServerChanges};
use panel_storage::{Tx, eggs};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{lock, usable};
use crate::activity::Entry;
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::servers::{invalidate_server, lock_server, offers, operation, sync_node};

/// How a backup is put back.
#[derive(Debug, Clone, Copy, Default)]
pub struct RestoreBackup {
    /// Whether the files that are there are deleted before.
    pub truncate_directory: bool,
    /// Whether the server starts as it did then from now on, too.
    pub restore_startup: bool,
}

/// Whose hand the startup of that time is put back by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartupThen {
    /// It stays as it is.
    Keep,
    /// As its users may change it.
    AsUser,
    /// As administrators may.
    AsAdmin,
}

/// The order to put a backup back, made outside of the transaction.
pub(crate) struct RestoreOrder {
    pub(crate) operation: Operation,
    pub(crate) entry: Entry,
    pub(crate) startup: StartupThen,
    /// Whether the worker calls the node; else it was the node that asked.
    pub(crate) calls: bool,
}

impl RestoreOrder {
    pub(crate) fn new(
        cx: &Cx,
        server: ServerId,
        node: NodeId,
        backup: BackupId,
        input: RestoreBackup,
    ) -> Self {
        let details = json!({ "truncate": input.truncate_directory });
        let mut operation = operation(cx, OperationKind::Restore, server, node, details);
        operation.backup_id = Some(backup);
        let entry = cx.entry(
            Event::BackupRestore,
            json!({ "backup": backup, "truncate_directory": input.truncate_directory }),
        );
        Self {
            operation,
            entry: entry.on(server),
            startup: StartupThen::Keep,
            calls: true,
        }
    }
}

/// Has a backup put back over the files of its server. The server cannot be used until that has ended.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], also when the startup is to be put back by somebody who may not change it;
/// [`Error::Conflict`] when the server's state does not allow it or the backup is not there.
pub async fn restore(
    cx: &Cx,
    server: ServerRef,
    id: BackupId,
    input: RestoreBackup,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::BackupsRestore,
            ServerAction::Restore,
        )
        .await?;
    let (server, node) = (allowed.resource().id, allowed.resource().node);
    let mut order = RestoreOrder::new(cx, server, node, id, input);
    if input.restore_startup {
        check_startup(allowed.permissions())?;
        order.startup = if policy::sees_all_servers(cx.actor()) {
            StartupThen::AsAdmin
        } else {
            StartupThen::AsUser
        };
    }
    let order = &order;
    cx.write(|tx| {
        async move {
            let row = lock_server(tx, server).await?;
            let backup = lock(tx, server, id).await?;
            begin(tx, &row, &backup, order).await
        }
        .scope_boxed()
    })
    .await
}

/// That somebody may change everything about how a server starts.
pub(crate) fn check_startup(held: PermissionSet<ServerPermission>) -> Result<(), Error> {
    let mut needed = ServerPermission::STARTUP.into_iter();
    match needed.find(|needed| !held.contains(*needed)) {
        Some(missing) => Err(Denial::Missing(missing.key()).into()),
        None => Ok(()),
    }
}

/// Writes down that a backup is to be put back on a server; the rows of both are locked.
///
/// # Errors
/// [`Error::Conflict`].
pub(crate) async fn begin(
    tx: &mut Tx,
    server: &Server,
    backup: &Backup,
    order: &RestoreOrder,
) -> Result<(), Error> {
    usable(backup)?;
    if server.node_id != order.operation.node_id {
        return Err(panel_domain::server::Conflict::Transferring.into());
    }
    state_of(server, false).allows(ServerAction::Restore, true)?;
    let status = server
        .status
        .as_deref()
        .and_then(|status| status.parse::<ServerStatus>().ok());
    let Step::To(next) = Step::after(status, Report::RestoreStarted) else {
        return Err(Error::conflict(
            "server_busy",
            "the server cannot be restored now",
        ));
    };
    let now = order.operation.created_at;
    if order.startup != StartupThen::Keep {
        put_startup_back(tx, server, backup, order.startup, now).await?;
    }
    servers::change_status(
        tx,
        server.id,
        server.status.as_deref(),
        next.map(ServerStatus::as_str),
        None,
    )
    .await?;
    operations::record(tx, &order.operation);
    if order.calls {
        let job = payload::RestoreBackup {
            operation: order.operation.id,
        };
        enqueue(tx, &job, now, EnqueueOptions::default())?;
    }
    order
        .entry
        .clone()
        .with(json!({
            "backup": backup.id, "name": backup.name,
            "truncate_directory": order.operation.details["truncate"],
        }))
        .record(tx);
    invalidate_server(tx, server.id);
    Ok(())
}

/// Gives a server the command, image and variables that it had when the backup was made, as far as its egg offers them still.
async fn put_startup_back(
    tx: &mut Tx,
    server: &Server,
    backup: &Backup,
    by: StartupThen,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    let egg = eggs::find(tx, server.egg_id)
        .await?
        .ok_or(Error::not_found("egg"))?;
    let then = |name: &str| backup.metadata[name].as_str().map(str::to_owned);
    let mut changes = ServerChanges::default();
    if let Some(startup) = then("startup")
        && (by == StartupThen::AsAdmin || offers(&egg.startup_commands, &startup)?)
    {
        changes.startup = Some(startup);
    }
    if let Some(image) = then("image")
        && (by == StartupThen::AsAdmin || offers(&egg.docker_images, &image)?)
    {
        changes.image = Some(image);
    }
    if changes.startup.is_some() || changes.image.is_some() {
        servers::update(tx, server.id, &changes).await?;
    }
    let (variables, _) = servers::variables_with_values(tx, server.id).await?;
    let values: Vec<(EggVariableId, String)> = variables
        .into_iter()
        .filter(|variable| by == StartupThen::AsAdmin || variable.user_editable)
        .filter_map(|variable| {
            let value = &backup.metadata["variables"][variable.id.to_string()];
            Some((variable.id, value.as_str()?.to_owned()))
        })
        .collect();
    servers::set_variables(tx, server.id, &values, now);
    sync_node(tx, server.id, now)
}

/// Goes on with a server on which restoring a backup failed, as it is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] when it did not fail.
pub async fn unlock(cx: &Cx, server: ServerRef) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::BackupsRestore,
            ServerAction::AcknowledgeRestore,
        )
        .await?;
    let id = allowed.resource().id;
    let entry = cx.entry(Event::BackupUnlock, json!({})).on(id);
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let row = lock_server(tx, id).await?;
            state_of(&row, false).allows(ServerAction::AcknowledgeRestore, true)?;
            servers::change_status(tx, id, row.status.as_deref(), None, None).await?;
            entry.record(tx);
            invalidate_server(tx, id);
            sync_node(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}
