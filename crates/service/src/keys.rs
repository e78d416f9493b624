//! What is cached, under which names. Whoever changes what a value is made of invalidates its key in the same transaction.

use chrono::{DateTime, Utc};
use panel_cache::Key;
use panel_domain::actor::UserActor;
use panel_domain::id::{NodeId, ServerId, UserId};
use panel_domain::permission::{PermissionSet, ServerPermission};
use panel_domain::server::ServerState;
use panel_storage::consistency::Mark;
use serde::{Deserialize, Serialize};

/// A credential's hash: who it belongs to.
pub(crate) struct CredentialKey(pub(crate) String);

/// Who a credential belongs to, as the primary had it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Authority {
    pub(crate) user: UserActor,
    /// From where an API key may be used; empty is from everywhere.
    pub(crate) allowed_ips: Vec<ipnet::IpNet>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Which revocations it was loaded in sight of.
    pub(crate) mark: Mark,
}

impl Key for CredentialKey {
    type Value = Option<Authority>;
    const KIND: &'static str = "credential";

    fn id(&self) -> String {
        self.0.clone()
    }

    // Without the detour over the id: every request asks for one.
    fn name(&self) -> String {
        [Self::KIND, ":", &self.0].concat()
    }
}

/// A daemon's token id: which node it is, and what else the daemon has to show.
pub(crate) struct DaemonKey(pub(crate) String);

/// A node's daemon, as the primary had it. It holds the token in clear, so it is cached only if the operator asked for that.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Daemon {
    pub(crate) node: NodeId,
    pub(crate) token: String,
    /// Which revocations it was loaded in sight of.
    pub(crate) mark: Mark,
}

impl Key for DaemonKey {
    type Value = Option<Daemon>;
    const KIND: &'static str = "daemon";
    const SECRET: bool = true;

    fn id(&self) -> String {
        self.0.clone()
    }
}

/// A server as far as authorization and routing to its node need it.
pub(crate) struct ServerKey(pub(crate) String);

impl ServerKey {
    /// The two names a server is asked for by.
    pub(crate) fn names(id: ServerId) -> [String; 2] {
        [
            Self(id.to_string()).name(),
            Self(id.short().to_string()).name(),
        ]
    }
}

/// The facts of a server that authorization decides by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerFacts {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub node: NodeId,
    /// Whose it is.
    pub owner: UserId,
    /// Who else may do what.
    pub subusers: Vec<SubuserFacts>,
    /// What state it is in.
    pub state: ServerState,
    /// Which revocations it was loaded in sight of.
    pub(crate) mark: Mark,
}

/// A share of a server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubuserFacts {
    /// Who has it.
    pub user: UserId,
    /// What they may do.
    pub permissions: PermissionSet<ServerPermission>,
    /// Patterns of files they do not see.
    pub ignored_files: Vec<String>,
}

impl Key for ServerKey {
    type Value = Option<ServerFacts>;
    const KIND: &'static str = "server";

    fn id(&self) -> String {
        self.0.clone()
    }
}
