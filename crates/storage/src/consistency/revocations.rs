//! Authority that was taken back, known to every process within a second.

use uuid::Uuid;

/// What a revocation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationKind {
    /// One signed-in session.
    Session,
    /// One API key.
    ApiKey,
    /// Everything a user's authority was derived from: password, suspension, role, deletion.
    User,
    /// The permissions of a role.
    Role,
    /// Who may do what on a server: its owner, subusers, suspension.
    Server,
    /// A node's daemon token.
    Node,
}

impl RevocationKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Session,
        Self::ApiKey,
        Self::User,
        Self::Role,
        Self::Server,
        Self::Node,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ApiKey => "api_key",
            Self::User => "user",
            Self::Role => "role",
            Self::Server => "server",
            Self::Node => "node",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The object whose authority was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revocation {
    /// What it is.
    pub kind: RevocationKind,
    /// Its id.
    pub subject: Uuid,
}
