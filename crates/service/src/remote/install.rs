//! The install script, and how an installation ended.

use std::collections::BTreeMap;

use panel_domain::activity::Event;
use panel_domain::id::ServerId;
use panel_domain::operation::OperationState;
use panel_domain::server::{Report, ServerStatus, Step};
use panel_eggs::install_configuration;
use panel_storage::consistency::RevocationKind;
use panel_storage::{Tx, eggs, operations, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
pub use wings_client::wire::remote::InstallResult;
use wings_client::wire::remote::InstallationScript;

use super::final_reports::Came;
use super::this_node;
use crate::cx::Cx;
use crate::eggs::to_model;
use crate::error::Error;
use crate::keys::ServerKey;

/// The script that installs a server.
///
/// # Errors
/// [`Error::NotFound`] for a server that is not the node's.
pub async fn install_script(cx: &Cx, server: ServerId) -> Result<InstallationScript, Error> {
    let node = this_node(cx)?;
    let mut conn = cx.read_primary().await?;
    let row = servers::find(&mut conn, servers::Scope::Node(node), server)
        .await?
        .ok_or(Error::not_found("server"))?;
    let egg = eggs::find(&mut conn, row.egg_id)
        .await?
        .ok_or(Error::not_found("egg"))?;
    let script = install_configuration(&to_model(&egg, &[])?.script);
    Ok(match script {
        Some(script) => InstallationScript {
            container_image: script.container_image,
            entrypoint: script.entrypoint,
            script: Some(script.script),
            environment: script.environment.into_iter().collect(),
        },
        // A daemon wants all the keys even when there is nothing to run; it then reports success.
        None => InstallationScript {
            container_image: row.image,
            entrypoint: "sh".to_owned(),
            script: None,
            environment: BTreeMap::new(),
        },
    })
}

/// How the node says an installation ended. Late and repeated reports are accepted and change nothing.
///
/// # Errors
/// [`Error::NotFound`] for a server that is not the node's.
pub(super) async fn report_install(
    cx: &Cx,
    server: ServerId,
    result: InstallResult,
    came: Came,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let event = if result.successful {
        Event::InstallComplete
    } else {
        Event::InstallFail
    };
    let entry = cx
        .entry(event, json!({ "reinstall": result.reinstall }))
        .on(server);
    let entry = &entry;
    let now = cx.now();
    cx.write(|tx| {
        async move {
            let row = servers::lock(tx, server)
                .await?
                .ok_or(Error::not_found("server"))?;
            if row.node_id != node {
                // The destination of a transfer reports its empty creation like an installation. To others it is unknown.
                return if row.destination_node_id == Some(node) {
                    Ok(())
                } else {
                    Err(Error::not_found("server"))
                };
            }
            if came.waited()
                && let Some(open) = operations::open_lifecycle(tx, server).await?
                && !came.can_be_about(open.created_at)
            {
                return Ok(());
            }
            if end_install(tx, &row, result.successful, None, now).await? {
                entry.record(tx);
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Moves a server whose installation has ended to its next state and ends the operation. The server's row is locked.
/// `false`: it was not waiting for that, and nothing changed.
pub(crate) async fn end_install(
    tx: &mut Tx,
    server: &servers::Server,
    successful: bool,
    error: Option<&str>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<bool, Error> {
    let status = server
        .status
        .as_deref()
        .and_then(|status| status.parse::<ServerStatus>().ok());
    let report = if successful {
        Report::InstallSucceeded
    } else {
        Report::InstallFailed
    };
    let Step::To(next) = Step::after(status, report) else {
        return Ok(false);
    };
    let installed_at = successful.then_some(now);
    servers::change_status(
        tx,
        server.id,
        server.status.as_deref(),
        next.map(ServerStatus::as_str),
        installed_at,
    )
    .await?;
    if let Some(operation) = operations::open_lifecycle(tx, server.id).await?
        && matches!(operation.kind.as_str(), "install" | "reinstall")
    {
        let state = if successful {
            OperationState::Succeeded
        } else {
            OperationState::Failed
        };
        operations::finish(tx, operation.id, state.as_str(), error, now).await?;
    }
    touched(tx, server.id);
    Ok(true)
}

/// Every process forgets what it knows of this server.
pub(crate) fn touched(tx: &mut Tx, server: ServerId) {
    for name in ServerKey::names(server) {
        tx.invalidate(name);
    }
    tx.revoke(RevocationKind::Server, server.uuid());
}
