//! Who is asking.

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, NodeId, RoleId, SessionId, UserId};
use crate::permission::{AdminPermission, PermissionSet, ServerPermission, UserPermission};

/// Who is asking: established from the request's credential, judged by [`crate::policy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody in particular: no credential, or none that is valid.
    Anonymous,
    /// A person, or a program with a person's key.
    User(Box<UserActor>),
    /// A node's daemon. What it may touch is decided by what it owns, not by permissions.
    Node(NodeId),
    /// The panel itself: a job, or an operator at the command line.
    System,
}

impl Actor {
    /// The user, when it is one.
    #[must_use]
    pub fn user(&self) -> Option<&UserActor> {
        match self {
            Self::User(user) => Some(user),
            Self::Anonymous | Self::Node(_) | Self::System => None,
        }
    }

    /// The user's id, when it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }
}

impl From<UserActor> for Actor {
    fn from(user: UserActor) -> Self {
        Self::User(Box::new(user))
    }
}

/// A user who asks, with everything that decides what they may do. All of it is read when the request is
/// authenticated, never kept in a credential, so that taking a right away takes it away from every credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserActor {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub username: String,
    /// Root administrator.
    pub admin: bool,
    /// Their role, if they have one.
    pub role: Option<RoleActor>,
    /// What they showed.
    pub credential: Credential,
    /// Who acts as them, if somebody does. Then `credential` is that person's.
    pub impersonator: Option<UserId>,
    /// May do nothing but see the own account and sign out.
    pub suspended: bool,
    /// May not change the own account.
    pub frozen: bool,
    /// Where they stand with their second factor.
    pub two_factor: TwoFactor,
}

impl UserActor {
    /// The limits of the API key they came with; none without a key.
    #[must_use]
    pub const fn scope(&self) -> Option<&ApiKeyScope> {
        match &self.credential {
            Credential::Session(_) | Credential::Sftp | Credential::Schedule => None,
            Credential::ApiKey { scope, .. } => Some(scope),
        }
    }

    /// The API key they came with.
    #[must_use]
    pub const fn api_key(&self) -> Option<ApiKeyId> {
        match &self.credential {
            Credential::Session(_) | Credential::Sftp | Credential::Schedule => None,
            Credential::ApiKey { id, .. } => Some(*id),
        }
    }

    /// The session they came with.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match &self.credential {
            Credential::Session(id) => Some(*id),
            Credential::ApiKey { .. } | Credential::Sftp | Credential::Schedule => None,
        }
    }
}

/// A role, as far as it decides something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleActor {
    /// Which one.
    pub id: RoleId,
    /// What it grants.
    pub grants: RoleGrants,
}

/// What a role grants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrants {
    /// In the administration.
    pub admin: PermissionSet<AdminPermission>,
    /// On servers that its holder can see for another reason.
    pub server: PermissionSet<ServerPermission>,
}

/// What a user showed to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credential {
    /// A session of a browser.
    Session(SessionId),
    /// An API key.
    ApiKey {
        /// Which one.
        id: ApiKeyId,
        /// What it may be used for at most.
        scope: ApiKeyScope,
    },
    /// A password or SSH key, sent by a node for an SFTP connection.
    Sftp,
    /// Nothing: the panel does what they wrote into a schedule.
    Schedule,
}

/// What an API key may be used for at most. What its user may not do, it may not either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyScope {
    /// With the user's own account.
    pub user: PermissionSet<UserPermission>,
    /// In the administration.
    pub admin: PermissionSet<AdminPermission>,
    /// On servers.
    pub server: PermissionSet<ServerPermission>,
}

impl ApiKeyScope {
    /// Everything.
    pub const ALL: Self = Self {
        user: PermissionSet::ALL,
        admin: PermissionSet::ALL,
        server: PermissionSet::ALL,
    };

    /// Whether everything in this scope is in `other` too.
    #[must_use]
    pub const fn is_subset(&self, other: &Self) -> bool {
        self.user.is_subset(other.user)
            && self.admin.is_subset(other.admin)
            && self.server.is_subset(other.server)
    }
}

/// Where a user stands with their second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TwoFactor {
    /// Turned on.
    On,
    /// Off, and nobody demands it.
    Off,
    /// Off although demanded: nothing works but turning it on.
    Missing,
}

impl TwoFactor {
    /// From what is known of the user: whether it is on, and whether their role or the panel demands it.
    #[must_use]
    pub const fn new(on: bool, demanded: bool) -> Self {
        match (on, demanded) {
            (true, _) => Self::On,
            (false, true) => Self::Missing,
            (false, false) => Self::Off,
        }
    }
}

/// Of whom the panel demands a second factor, where no role says otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwoFactorRequirement {
    /// Of nobody.
    #[default]
    #[serde(rename = "none")]
    Nobody,
    /// Of root administrators.
    Admins,
    /// Of everybody.
    #[serde(rename = "all_users")]
    Everybody,
}

impl TwoFactorRequirement {
    /// Whether it is demanded of a user. The role's word, where there is a role, counts in both directions.
    #[must_use]
    pub const fn demands(self, admin: bool, role_demands: Option<bool>) -> bool {
        match (role_demands, self) {
            (Some(demands), _) => demands,
            (None, Self::Nobody) => false,
            (None, Self::Admins) => admin,
            (None, Self::Everybody) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roles_word_on_the_second_factor_counts_in_both_directions() {
        use TwoFactorRequirement::{Admins, Everybody, Nobody};
        assert!(!Nobody.demands(true, None));
        assert!(Nobody.demands(false, Some(true)));
        assert!(Admins.demands(true, None) && !Admins.demands(false, None));
        assert!(Everybody.demands(false, None));
        assert!(!Everybody.demands(true, Some(false)));
        assert_eq!(TwoFactor::new(false, true), TwoFactor::Missing);
        assert_eq!(TwoFactor::new(true, true), TwoFactor::On);
        assert_eq!(TwoFactor::new(false, false), TwoFactor::Off);
    }
}
