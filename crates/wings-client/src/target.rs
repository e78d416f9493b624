//! Where a node is and how it is spoken to.

use std::fmt;

use panel_domain::id::NodeId;
use url::Url;

/// The secret half of a node's credential: bearer of our requests and key of the tokens we sign for the node.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeToken(String);

impl NodeToken {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for NodeToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl From<&str> for NodeToken {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl fmt::Debug for NodeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeToken(…)")
    }
}

/// A node to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeTarget {
    /// Which node.
    pub id: NodeId,
    /// Base address of its daemon, such as `https://node1.example.com:8080`; a path in it is kept as a prefix.
    pub url: Url,
    /// Public half of the credential; the daemon's requests to us carry it, ours to the daemon do not.
    pub token_id: String,
    /// Secret half.
    pub token: NodeToken,
}
