//! Whether the caller may do this here. A use case asks before anything else, and what it gets back is the proof.

use std::time::Duration;

use panel_cache::Loaded;
use panel_domain::actor::Actor;
use panel_domain::actor::UserActor;
use panel_domain::id::ServerRef;
use panel_domain::permission::{AdminPermission, PermissionSet, ServerPermission, UserPermission};
use panel_domain::policy::{self, Denial, ServerAccess};
use panel_domain::server::{ServerAction, ServerState, ServerStatus};
use panel_storage::consistency::{Mark, RevocationKind};
use panel_storage::{ReadConn, Readable, Source, servers};

use crate::app::App;
use crate::auth::Access;
use crate::cx::{Cx, primary_away};
use crate::error::Error;
use crate::keys::{ServerFacts, ServerKey, SubuserFacts};

/// Something the caller was found to be allowed to act on. There is no other way to get one.
#[derive(Debug, Clone)]
pub struct Authorized<T> {
    resource: T,
    permissions: PermissionSet<ServerPermission>,
}

impl<T> Authorized<T> {
    /// What it is.
    #[must_use]
    pub fn resource(&self) -> &T {
        &self.resource
    }

    /// What else the caller may do with it.
    #[must_use]
    pub fn permissions(&self) -> PermissionSet<ServerPermission> {
        self.permissions
    }
}

/// How long what authorization knows of a server may be kept in Redis.
const SERVER_TTL: Duration = Duration::from_secs(60);

impl Cx {
    /// That the caller holds a permission of the administration.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] or [`Error::Denied`].
    pub(crate) fn require_admin(&self, permission: AdminPermission) -> Result<(), Error> {
        Ok(policy::may(self.actor(), permission)?)
    }

    /// That the caller is a user who may do this with the own account.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] or [`Error::Denied`].
    pub(crate) fn require_user(&self, permission: UserPermission) -> Result<&UserActor, Error> {
        policy::may(self.actor(), permission)?;
        Ok(policy::active(self.actor())?)
    }

    /// That the caller may see the server.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none or the caller may not know of it.
    pub(crate) async fn see_server(
        &self,
        server: ServerRef,
    ) -> Result<Authorized<ServerFacts>, Error> {
        let facts = self.server_facts(server).await?;
        let access = facts.access_of(self.actor());
        let permissions = policy::see_server(self.actor(), &access).map_err(hidden_server)?;
        Ok(Authorized {
            resource: facts,
            permissions,
        })
    }

    /// That the caller may do this on the server, and that its state allows `action`.
    ///
    /// # Errors
    /// As [`see_server`](Self::see_server); [`Error::Denied`], [`Error::Conflict`].
    pub(crate) async fn authorize_server(
        &self,
        server: ServerRef,
        permission: ServerPermission,
        action: ServerAction,
    ) -> Result<Authorized<ServerFacts>, Error> {
        let facts = self.server_facts(server).await?;
        let access = facts.access_of(self.actor());
        let permissions =
            policy::may_on_server(self.actor(), &access, permission).map_err(hidden_server)?;
        let admin = policy::sees_all_servers(self.actor());
        facts.state.allows(action, admin)?;
        Ok(Authorized {
            resource: facts,
            permissions,
        })
    }

    /// What authorization knows of a server: from the caches while nothing was taken back since, else from the primary.
    async fn server_facts(&self, server: ServerRef) -> Result<ServerFacts, Error> {
        // Nobody learns from the time an answer takes whether a server exists.
        if *self.actor() == Actor::Anonymous {
            return Err(Error::Unauthenticated);
        }
        let key = ServerKey(server.to_string());
        let parts = self.parts();
        let stands = |facts: &ServerFacts| {
            !self.revoked(RevocationKind::Server, facts.id.uuid(), facts.mark)
        };
        let stands_or_absent = |facts: &Option<ServerFacts>| facts.as_ref().is_none_or(stands);
        if parts.revocations.is_current(std::time::Instant::now()) {
            let cached = self
                .cached_if(&key, SERVER_TTL, stands_or_absent, |conn| async move {
                    if conn.source() == Source::Replica {
                        return Err(primary_away());
                    }
                    self.load_server_facts(conn, server).await
                })
                .await;
            match cached {
                // What was read just now is as new as it gets.
                Ok(Some(facts)) => return Ok(facts),
                Ok(None) | Err(Error::Unavailable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let not_found = Error::not_found("server");
        let conn = self.read_primary().await;
        if let Ok(conn) = conn
            && conn.source() == Source::Primary
        {
            let facts = self.load_server_facts(conn, server).await?;
            return facts.ok_or(not_found);
        }
        // The primary is away: see `auth::resolve`.
        if self.request().access == Access::Change {
            return Err(primary_away());
        }
        if self.app().holds_without_primary() {
            let cached = parts
                .cache
                .get_or_load(&key, SERVER_TTL, self.reader(), || async {
                    Err::<Loaded<_>, _>(primary_away())
                })
                .await;
            if let Ok(Some(facts)) = cached
                && stands(&facts)
            {
                return Ok(facts);
            }
        }
        let facts = self
            .load_server_facts(self.read_primary().await?, server)
            .await?;
        facts.filter(stands).ok_or(not_found)
    }

    /// Whether authority that was loaded in sight of `mark` has to be looked up again.
    pub(crate) fn revoked(&self, kind: RevocationKind, subject: uuid::Uuid, mark: Mark) -> bool {
        self.app().revoked(kind, subject, mark)
    }

    async fn load_server_facts(
        &self,
        mut conn: ReadConn,
        server: ServerRef,
    ) -> Result<Option<ServerFacts>, Error> {
        let mark = self.parts().revocations.mark_of(&mut conn).await?;
        load_server_facts(&mut conn, server, mark).await
    }
}

impl App {
    /// As [`Cx::revoked`].
    pub(crate) fn revoked(&self, kind: RevocationKind, subject: uuid::Uuid, mark: Mark) -> bool {
        self.0.revocations.revoked_since(kind, subject, mark)
    }
}

pub(crate) async fn load_server_facts(
    conn: &mut impl Readable,
    server: ServerRef,
    mark: Mark,
) -> Result<Option<ServerFacts>, Error> {
    let found = servers::find_with_shares(conn, server).await?;
    let Some((row, node, subusers)) = found else {
        return Ok(None);
    };
    Ok(Some(ServerFacts {
        id: row.id,
        name: row.name.clone(),
        node: row.node_id,
        owner: row.owner_id,
        subusers: subusers
            .into_iter()
            .map(|subuser| SubuserFacts {
                user: subuser.user_id,
                permissions: PermissionSet::from_stored_keys(&subuser.permissions),
                ignored_files: subuser.ignored_files,
            })
            .collect(),
        state: state_of(&row, node.maintenance_enabled),
        mark,
    }))
}

/// What state a server's row says it is in.
pub(crate) fn state_of(server: &servers::Server, node_maintenance: bool) -> ServerState {
    ServerState {
        // The table allows only names of states.
        status: server
            .status
            .as_deref()
            .and_then(|status| status.parse::<ServerStatus>().ok()),
        suspended: server.suspended,
        transferring: server.destination_node_id.is_some(),
        deleting: server.deleting_at.is_some(),
        node_maintenance,
    }
}

impl ServerFacts {
    /// What this server has to do with `actor`.
    #[must_use]
    pub fn access_of(&self, actor: &Actor) -> ServerAccess {
        let share = |user| self.subusers.iter().find(|subuser| subuser.user == user);
        ServerAccess {
            owner: self.owner,
            subuser: actor
                .user_id()
                .and_then(share)
                .map(|subuser| subuser.permissions),
            deleting: self.state.deleting,
        }
    }

    /// Patterns of files that `actor` does not see.
    #[must_use]
    pub fn ignored_files_of(&self, actor: &Actor) -> Vec<String> {
        self.subusers
            .iter()
            .find(|subuser| {
                Some(subuser.user) == actor.user_id() && Some(self.owner) != actor.user_id()
            })
            .map(|subuser| subuser.ignored_files.clone())
            .unwrap_or_default()
    }
}

fn hidden_server(denial: Denial) -> Error {
    match denial {
        Denial::Hidden => Error::not_found("server"),
        other => other.into(),
    }
}
