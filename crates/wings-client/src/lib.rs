//! Talks to Wings daemons, of all three flavours, through one typed API.
//!
//! * [`Nodes`] is made once for each process; [`Nodes::node`] gives a [`NodeClient`] for one node.
//! * Each call has a deadline, and each node a breaker: a dead node costs those who ask for it little and all others nothing.
//! * Each call says in its documentation what repeating it would do ([`Effect`]); [`Error::may_have_happened`] says whether a failed
//!   one may have been carried out.
//! * [`tokens`] signs what a browser shows to a node, [`wire`] has the documents.

mod breaker;
mod capability;
mod client;
mod error;
mod flavour;
mod nodes;
mod target;
pub mod tokens;
pub mod wire;

pub use breaker::BreakerSettings;
pub use capability::{Capabilities, Capability};
pub use client::{
    ByteStream, Content, Download, Frame, Link, NodeClient, NodeInformation, NodeSocket,
    PullStatus, UploadTarget, Work,
};
pub use error::{Cause, Effect, Error};
pub use flavour::{Flavour, Profile, Version};
pub use nodes::{BuildError, Deadlines, Nodes, Settings, install_tls_provider};
pub use target::{NodeTarget, NodeToken};
