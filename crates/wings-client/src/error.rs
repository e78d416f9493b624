//! Why a call to a node did not do what was asked, and what that says about its effect.

use panel_domain::id::NodeId;

use crate::capability::Capability;
use crate::flavour::Flavour;

/// What repeating a call would do. Every call states its own in its documentation; the caller decides by it what a retry needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Any number of times is as good as once: reads, sync, delete, write of a whole file, shutting users out.
    Repeatable,
    /// May have begun although no answer came; read the node's state first, then decide: create (the Go daemons do not refuse a
    /// second one), install, reinstall, backup, restore.
    ProbeFirst,
    /// Never repeat by a program: power, commands. A person may.
    AtMostOnce,
}

/// How a node was out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Cause {
    /// It failed so often just now that it is not asked for a while; the request was not sent.
    #[error("it did not answer lately and is not asked again just yet")]
    Resting,
    /// No connection: refused, no route, unknown host, TLS. The request was not sent.
    #[error("no connection could be made")]
    Connect,
    /// No answer within the call's deadline. It may have been carried out.
    #[error("it did not answer in time")]
    Deadline,
    /// The connection broke under way. It may have been carried out.
    #[error("the connection broke")]
    Broken,
}

impl Cause {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Connect => "connect",
            Self::Deadline => "deadline",
            Self::Broken => "broken",
        }
    }
}

/// A call to a node that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The node gave no answer.
    #[error("node {node} cannot be reached for `{call}`: {cause}")]
    Unreachable {
        /// Which node.
        node: NodeId,
        /// Which call.
        call: &'static str,
        /// How.
        cause: Cause,
    },
    /// The node answered with an error.
    #[error("the node refused `{call}` with status {status}: {message}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// HTTP status, 400–599.
        status: u16,
        /// The daemon's words, for people; shortened.
        message: String,
    },
    /// The node answered something that is not this protocol: a redirect, a success with a foreign body, an address that is no base.
    #[error("the node answered `{call}` with something unexpected (status {status}): {detail}")]
    Unexpected {
        /// Which call.
        call: &'static str,
        /// HTTP status; 0 when the request could not even be made.
        status: u16,
        /// What was wrong.
        detail: String,
    },
    /// The content to be sent stopped coming, or broke off; the node may have kept what it got.
    #[error("the content for `{call}` stopped coming")]
    Interrupted {
        /// Which call.
        call: &'static str,
    },
    /// The daemon on this node cannot do it; nothing was sent.
    #[error("{flavour} Wings on this node has no support for {capability}")]
    LacksCapability {
        /// What is missing.
        capability: Capability,
        /// What the node runs.
        flavour: Flavour,
    },
}

impl Error {
    /// Whether the request may have been carried out on the node in spite of this error. False only when it surely was not.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        match self {
            Self::Unreachable { cause, .. } => matches!(cause, Cause::Deadline | Cause::Broken),
            Self::Refused { status, .. } => *status >= 500,
            Self::Unexpected { status, .. } => *status != 0,
            Self::Interrupted { .. } => true,
            Self::LacksCapability { .. } => false,
        }
    }

    /// The status of an answer that refused the call.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The node says that the thing does not exist.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// The node does not accept our token (403 from the Go daemons, 401 from Calagopus).
    #[must_use]
    pub const fn is_unauthorized(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 401 | 403,
                ..
            }
        )
    }

    /// The node gave no answer.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
