//! What an answer shows, by the names under which the log of invalidations tells of it.
//!
//! A value that is cached under one key may be made of many rows: a page of servers shows the servers, their nodes, their
//! eggs. Whoever keeps such a value notes its parts, and the functions here that write a row name the part that has changed,
//! so that no use case can forget to.

use panel_domain::id::{EggId, LocationId, NodeId, RoleId, ServerId, UserId};
use uuid::Uuid;

use crate::db::Tx;

/// A part of what answers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// How far the setup is.
    Setup,
    /// The settings.
    Settings,
    /// An account.
    User(UserId),
    /// A role.
    Role(RoleId),
    /// A server: its row, its addresses, its shares.
    Server(ServerId),
    /// Which servers a user owns or was given a share of.
    ServersOf(UserId),
    /// A node, and the addresses it has.
    Node(NodeId),
    /// A location.
    Location(LocationId),
    /// An egg.
    Egg(EggId),
}

/// What [`Part::ServersOf`] is called before the user's id.
pub(crate) const SERVERS_OF: &str = "part:servers_of:";

/// What [`Part::Egg`] is called before the egg's id.
pub(crate) const EGG: &str = "part:egg:";

impl Part {
    /// Its name in the log of invalidations, and so in the caches.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Setup => "part:setup".to_owned(),
            Self::Settings => "part:settings".to_owned(),
            Self::User(id) => format!("part:user:{id}"),
            Self::Role(id) => format!("part:role:{id}"),
            Self::Server(id) => format!("part:server:{id}"),
            Self::ServersOf(id) => format!("{SERVERS_OF}{id}"),
            Self::Node(id) => format!("part:node:{id}"),
            Self::Location(id) => format!("part:location:{id}"),
            Self::Egg(id) => format!("{EGG}{id}"),
        }
    }
}

impl Tx {
    /// Records that `part` is not what it was. Written with COMMIT, like [`invalidate`](Self::invalidate).
    pub fn changed(&mut self, part: Part) {
        self.invalidate(part.name());
    }

    /// Records [`Part::ServersOf`] of everybody who owns the server or has a share of it when the transaction ends. Who that
    /// is, the statement that goes out with COMMIT finds out by itself.
    pub(crate) fn members_changed(&mut self, server: ServerId) {
        self.invalidate_members(Uuid::from(server));
    }
}
