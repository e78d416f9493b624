//! Starting and stopping.

use panel_domain::activity::Event;
use panel_domain::id::ServerRef;
use panel_domain::server::{PowerAction, ServerAction};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use wings_client::wire::server::PowerAction as WirePower;

use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Asks a server's process for something, at most once. Success means that the node has taken it on; what comes of it shows
/// in the server's state.
///
/// The log has the entry before the node is called, so nothing happens that it does not tell; it says what was asked for,
/// whatever the node answers.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] by the server's state, [`Error::NodeUnreachable`],
/// [`Error::NodeRefused`].
pub async fn power(cx: &Cx, server: ServerRef, action: PowerAction) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, action.permission(), ServerAction::Use)
        .await?;
    let (id, node) = (allowed.resource().id, allowed.resource().node);
    let client = node_calls::client(cx, node).await?;
    let entry = cx.entry(Event::from(action), json!({})).on(id);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    node_calls::at_most_once(cx, || client.power(id, wire(action))).await??;
    Ok(())
}

/// The daemon's name of an action.
pub(crate) const fn wire(action: PowerAction) -> WirePower {
    match action {
        PowerAction::Start => WirePower::Start,
        PowerAction::Stop => WirePower::Stop,
        PowerAction::Restart => WirePower::Restart,
        PowerAction::Kill => WirePower::Kill,
    }
}
