//! How a use case gets to call a node.

use std::time::Duration;

use panel_cache::Key;
use panel_domain::id::NodeId;
use panel_domain::node::Flavour;
use panel_domain::schedule::Executor;
use panel_secrets::Sealed;
use panel_storage::{ReadConn, nodes};
use serde::{Deserialize, Serialize};
use url::Url;
use wings_client::{NodeClient, NodeTarget, NodeToken, Profile, Version};

use crate::auth::token_binding;
use crate::cx::Cx;
use crate::error::Error;
use crate::operations::Rule;
use crate::relay;

/// Where a node is and what it is spoken to with.
pub(crate) struct NodeKey(pub(crate) NodeId);

/// The value of [`NodeKey`]. It holds the node's token in clear, so it is cached only if the operator asked for that.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    url: Url,
    public_url: Option<Url>,
    token_id: String,
    token: String,
    flavour: Option<Flavour>,
    #[serde(default)]
    version: Option<String>,
}

impl Key for NodeKey {
    type Value = Option<Connection>;
    const KIND: &'static str = "node";
    const SECRET: bool = true;

    fn id(&self) -> String {
        self.0.to_string()
    }
}

/// A node as browsers and tokens need it.
pub(crate) struct Node {
    /// For calls, and for signing tokens.
    pub(crate) target: NodeTarget,
    /// Where browsers find it: the panel itself, when it relays.
    pub(crate) public_url: Url,
    /// What it runs; Calagopus until it has said otherwise.
    pub(crate) flavour: Flavour,
    /// Who runs the schedules of its servers.
    pub(crate) executor: Executor,
    /// What its daemon said of itself when it was last asked.
    profile: Option<Profile>,
}

impl Node {
    /// What its daemon can do, by what it last said of itself.
    pub(crate) fn capabilities(&self) -> wings_client::Capabilities {
        match &self.profile {
            Some(profile) => profile.capabilities(),
            None => capabilities_of(Some(self.flavour), None),
        }
    }
}

/// What a daemon can do that said this of itself; an older Calagopus until it has.
pub(crate) fn capabilities_of(
    flavour: Option<Flavour>,
    version: Option<&str>,
) -> wings_client::Capabilities {
    let profile = Profile {
        flavour: wire_flavour(flavour.unwrap_or(Flavour::Calagopus)),
        version: Version::from(version.unwrap_or_default()),
    };
    profile.capabilities()
}

fn wire_flavour(flavour: Flavour) -> wings_client::Flavour {
    match flavour {
        Flavour::Pterodactyl => wings_client::Flavour::Pterodactyl,
        Flavour::Pelican => wings_client::Flavour::Pelican,
        Flavour::Calagopus => wings_client::Flavour::Calagopus,
    }
}

const TTL: Duration = Duration::from_secs(60);

/// The node's addresses and token.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub(crate) async fn node(cx: &Cx, id: NodeId) -> Result<Node, Error> {
    let connection = cx
        .cached(&NodeKey(id), TTL, |conn| load(cx, conn, id))
        .await?
        .ok_or(Error::not_found("node"))?;
    let flavour = connection.flavour.unwrap_or(Flavour::Calagopus);
    let options = cx.app().options();
    Ok(Node {
        public_url: if options.wings_proxy {
            relay::address(&options.url, id)
        } else {
            connection
                .public_url
                .unwrap_or_else(|| connection.url.clone())
        },
        executor: Executor::of(flavour, major_of(connection.version.as_deref())),
        flavour,
        profile: connection
            .flavour
            .zip(connection.version)
            .map(|(flavour, version)| Profile {
                flavour: wire_flavour(flavour),
                version: version.into(),
            }),
        target: NodeTarget {
            id,
            url: connection.url,
            token_id: connection.token_id,
            token: NodeToken::from(connection.token),
        },
    })
}

/// The first number of a daemon's version.
pub(crate) fn major_of(version: Option<&str>) -> Option<u64> {
    let (major, ..) = Version::from(version?).numbers()?;
    Some(major)
}

/// A client of the node. Nothing is sent yet.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub(crate) async fn client(cx: &Cx, id: NodeId) -> Result<NodeClient, Error> {
    let node = node(cx, id).await?;
    let client = cx.parts().nodes.node(node.target);
    // What this process has heard itself is newer than what is stored.
    if client.known_profile().is_none()
        && let Some(profile) = node.profile
    {
        client.assume_profile(profile);
    }
    Ok(client)
}

/// Makes a call that must not be made twice. What the request has written is committed first.
///
/// # Errors
/// Those of the commit; nothing was sent then. Inside, those of the call.
pub(crate) async fn at_most_once<T, F>(
    cx: &Cx,
    call: impl Fn() -> F,
) -> Result<Result<T, wings_client::Error>, Error>
where
    F: Future<Output = Result<T, wings_client::Error>>,
{
    cx.commit_before_call().await?;
    let mut answer = call().await;
    if answer.is_err() && cx.parts().failpoints.without(Rule::AtMostOnce) {
        answer = call().await;
    }
    if matches!(&answer, Err(error) if !error.may_have_happened()) {
        cx.call_was_in_vain();
    }
    Ok(answer)
}

async fn load(cx: &Cx, mut conn: ReadConn, id: NodeId) -> Result<Option<Connection>, Error> {
    let Some((row, _)) = nodes::find(&mut conn, id).await? else {
        return Ok(None);
    };
    let token = cx
        .parts()
        .keys
        .open_text(&Sealed::from_bytes(row.token), token_binding(id).binding())
        .map_err(Error::internal)?;
    let parse = |text: &str| Url::parse(text).map_err(Error::internal);
    Ok(Some(Connection {
        url: parse(&row.url)?,
        public_url: row.public_url.as_deref().map(parse).transpose()?,
        token_id: row.token_id,
        token: token.into_exposed(),
        // The table holds what the daemon said; a name we do not know is a daemon we do not know.
        flavour: row.flavour.as_deref().and_then(|name| name.parse().ok()),
        version: row.version,
    }))
}
