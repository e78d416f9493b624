//! Installing a server again, and ways out of an installation.

use panel_domain::activity::Event;
use panel_domain::id::{ServerId, ServerRef};
use panel_domain::operation::{OperationKind, OperationState};
use panel_domain::permission::ServerPermission;
use panel_domain::server::{Report, ServerAction, ServerStatus, Step};
use panel_storage::operations::{self, Operation};
use panel_storage::{Tx, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::change;
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Installs a server again; with `truncate_directory` its files are deleted first. It is done when the node says so.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`], [`Error::NodeLacksCapability`] where the node's daemon cannot
/// delete files first.
pub async fn reinstall(cx: &Cx, server: ServerRef, truncate_directory: bool) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::SettingsInstall,
            ServerAction::Reinstall,
        )
        .await?;
    let (id, node) = (allowed.resource().id, allowed.resource().node);
    if truncate_directory && node_calls::node(cx, node).await?.flavour.is_go() {
        return Err(Error::NodeLacksCapability {
            capability: "deleting a server's files before it is installed again".to_owned(),
        });
    }
    let details = json!({ "truncate": truncate_directory });
    let operation = change::operation(cx, OperationKind::Reinstall, id, node, details.clone());
    let entry = cx.entry(Event::Reinstall, details).on(id);
    let (operation, entry) = (&operation, &entry);
    cx.write(|tx| {
        async move {
            report(tx, id, Report::InstallStarted).await?;
            change::start_install(tx, operation)?;
            entry.record(tx);
            change::invalidate(tx, id);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Goes on with a server whose installation failed, as it is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] when it did not fail.
pub async fn acknowledge_install(cx: &Cx, server: ServerRef) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::SettingsInstall,
            ServerAction::AcknowledgeInstall,
        )
        .await?;
    let id = allowed.resource().id;
    let entry = cx.entry(Event::InstallAcknowledge, json!({})).on(id);
    let now = cx.now();
    let entry = &entry;
    cx.write(|tx| {
        async move {
            report(tx, id, Report::Acknowledged).await?;
            entry.record(tx);
            change::invalidate(tx, id);
            change::sync(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}

/// What came of cancelling an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelledInstall {
    /// It had not reached the node; it is over.
    Done,
    /// The node stops it, and says when.
    Stopping,
}

/// Stops an installation. One that the node has begun is stopped by the node, whose report ends it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] when none runs, [`Error::NodeUnreachable`],
/// [`Error::NodeLacksCapability`].
pub async fn cancel_install(cx: &Cx, server: ServerRef) -> Result<CancelledInstall, Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::SettingsCancelInstall,
            ServerAction::CancelInstall,
        )
        .await?;
    let (id, node) = (allowed.resource().id, allowed.resource().node);
    let open = operations::open_lifecycle(&mut cx.read_primary().await?, id).await?;
    let stopping = if open.is_some_and(|open| open.called_at.is_some()) {
        abort_on_node(cx, id, node).await?
    } else {
        false
    };
    let entry = cx.entry(Event::InstallCancel, json!({})).on(id);
    let now = cx.now();
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !stopping {
                let row = change::lock(tx, id).await?;
                state_of(&row, false).allows(ServerAction::CancelInstall, true)?;
                end_open_install(tx, id, now).await?;
                report(tx, id, Report::InstallFailed).await?;
                change::invalidate(tx, id);
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(if stopping {
        CancelledInstall::Stopping
    } else {
        CancelledInstall::Done
    })
}

/// Whether the node was installing the server, and stops now. A node that knows of no installation has nothing to report.
async fn abort_on_node(
    cx: &Cx,
    id: ServerId,
    node: panel_domain::id::NodeId,
) -> Result<bool, Error> {
    let client = node_calls::client(cx, node).await?;
    match client.abort_install(id).await {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.status(), Some(404 | 409 | 417)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn end_open_install(
    tx: &mut Tx,
    id: ServerId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    let open: Option<Operation> = operations::open_lifecycle(tx, id).await?;
    if let Some(open) = open
        && open.kind != OperationKind::Delete.as_str()
    {
        let state = OperationState::Cancelled.as_str();
        operations::finish(tx, open.id, state, None, now).await?;
    }
    Ok(())
}

/// Moves a server's status on, under its lock.
///
/// # Errors
/// [`Error::Conflict`] when that is not possible from where it is.
async fn report(tx: &mut Tx, id: ServerId, report: Report) -> Result<(), Error> {
    let row = change::lock(tx, id).await?;
    let state = state_of(&row, false);
    let conflict = |status: Option<ServerStatus>| match status {
        Some(status) => Error::from(panel_domain::server::Conflict::from(status)),
        None => Error::from(panel_domain::server::Conflict::NothingFailed),
    };
    if state.deleting {
        return Err(panel_domain::server::Conflict::Deleting.into());
    }
    match Step::after(state.status, report) {
        Step::To(next) => {
            let to = next.map(ServerStatus::as_str);
            servers::change_status(tx, id, row.status.as_deref(), to, None).await?;
            Ok(())
        }
        Step::Stay if report == Report::Acknowledged => Err(conflict(state.status)),
        Step::Stay => Ok(()),
        Step::Refused => Err(conflict(state.status)),
    }
}
