//! Commands for the console.

use panel_domain::activity::Event;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use panel_domain::server::{ServerAction, check_command};
use panel_domain::validate::Invalid;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Statuses by which the daemons say that the server is offline: 417 Calagopus, 502 the Go daemons.
pub(crate) const OFFLINE: [u16; 2] = [417, 502];

/// Sends one line to a server's console, at most once. As with power, the log has it before the node.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], [`Error::Conflict`] by the server's state and while it is
/// offline, [`Error::NodeUnreachable`], [`Error::NodeRefused`].
pub async fn command(cx: &Cx, server: ServerRef, command: String) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::ControlConsole, ServerAction::Use)
        .await?;
    let mut invalid = Invalid::new();
    check_command("command", &command, &mut invalid);
    invalid.finish()?;
    let (id, node) = (allowed.resource().id, allowed.resource().node);
    let client = node_calls::client(cx, node).await?;
    let entry = cx
        .entry(Event::ConsoleCommand, json!({ "command": &command }))
        .on(id);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    let call = || client.send_commands(id, vec![command.clone()]);
    match node_calls::at_most_once(cx, call).await? {
        Err(error)
            if error
                .status()
                .is_some_and(|status| OFFLINE.contains(&status)) =>
        {
            cx.call_was_in_vain();
            Err(Error::conflict(
                "server_offline",
                "the server does not run; start it before you send commands",
            ))
        }
        other => Ok(other?),
    }
}
