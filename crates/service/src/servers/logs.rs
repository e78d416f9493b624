//! What a server printed.

use panel_domain::id::{NodeId, ServerId, ServerRef};
use panel_domain::permission::{AdminPermission, ServerPermission};
use panel_domain::server::ServerAction;

use super::lookup;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// The most lines that are given.
const MAX_LINES: u32 = 1000;

/// The last lines of a server's console, oldest first, for its users.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`], [`Error::NodeUnreachable`].
pub async fn console_log(cx: &Cx, server: ServerRef, lines: u32) -> Result<String, Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::ControlReadConsole,
            ServerAction::Connect,
        )
        .await?;
    let (id, node) = (allowed.resource().id, allowed.resource().node);
    read_console(cx, id, node, lines).await
}

/// The same of any server, for administrators.
///
/// # Errors
/// As [`console_log`].
pub async fn console_log_for_admin(
    cx: &Cx,
    server: ServerRef,
    lines: u32,
) -> Result<String, Error> {
    let (id, node) = administered(cx, server).await?;
    read_console(cx, id, node, lines).await
}

/// The last lines of what the last installation printed, for administrators.
///
/// # Errors
/// As [`console_log`]; [`Error::NodeLacksCapability`].
pub async fn install_log(cx: &Cx, server: ServerRef, lines: u32) -> Result<String, Error> {
    let (id, node) = administered(cx, server).await?;
    let log = node_calls::client(cx, node).await?.install_log(id).await?;
    let keep = usize::try_from(clamp(lines)).unwrap_or(usize::MAX);
    Ok(join(log.iter().skip(log.len().saturating_sub(keep))))
}

async fn administered(cx: &Cx, server: ServerRef) -> Result<(ServerId, NodeId), Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    let row = lookup::current(&mut cx.read_primary().await?, server).await?;
    Ok((row.id, row.node_id))
}

async fn read_console(cx: &Cx, id: ServerId, node: NodeId, lines: u32) -> Result<String, Error> {
    let client = node_calls::client(cx, node).await?;
    let log = client.console_log(id, clamp(lines)).await?;
    Ok(join(log.iter()))
}

fn clamp(lines: u32) -> u32 {
    lines.clamp(1, MAX_LINES)
}

fn join<'a>(lines: impl Iterator<Item = &'a String>) -> String {
    lines.fold(String::new(), |mut text, line| {
        text.push_str(line);
        text.push('\n');
        text
    })
}
