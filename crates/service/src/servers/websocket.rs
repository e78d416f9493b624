//! Opening a server's console.

use panel_domain::id::ServerRef;
use panel_domain::policy::{self, Streams};
use panel_domain::server::ServerAction;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, websocket_url};

use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Which streams those who read the console may follow.
const STREAMS: Streams = Streams {
    installation: true,
    transfer: true,
};

/// Where and with what a browser opens a server's console.
#[derive(Debug)]
pub struct Websocket {
    /// What the node lets its bearer in with, for ten minutes.
    pub token: String,
    /// Where.
    pub url: Url,
}

/// A token for the server's websocket, with exactly the permissions that the caller has and the files that are hidden from them.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`], [`Error::Denied`] on a node whose daemon cannot keep the console from somebody
/// who is connected.
pub async fn websocket(cx: &Cx, server: ServerRef) -> Result<Websocket, Error> {
    let seen = cx.see_server(server).await?;
    let facts = seen.resource();
    let admin = policy::sees_all_servers(cx.actor());
    facts.state.allows(ServerAction::Connect, admin)?;
    let user = policy::active(cx.actor())?;
    let node = node_calls::node(cx, facts.node).await?;
    let permissions = policy::websocket_permissions(
        cx.actor(),
        &facts.access_of(cx.actor()),
        node.flavour,
        STREAMS,
    )?;
    let (token, _) = Signer {
        node: &node.target,
        issuer: &cx.app().options().url,
        user: user.id,
        server: facts.id,
    }
    .websocket(
        permissions.into_iter().map(str::to_owned).collect(),
        (!node.flavour.is_go()).then(|| facts.ignored_files_of(cx.actor())),
        cx.now(),
        // Only tells tokens apart: what makes one valid is its signature.
        Uuid::new_v4(),
    )
    .map_err(Error::internal)?;
    let mut url = websocket_url(&node.public_url, facts.id);
    if cx.app().options().wings_proxy {
        // The panel lets nobody in to a node who does not show it first.
        url.query_pairs_mut().append_pair("token", &token);
    }
    Ok(Websocket { token, url })
}
