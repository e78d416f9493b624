//! From a credential to who it belongs to.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use panel_cache::{Loaded, Reader};
use panel_domain::actor::{
    Actor, ApiKeyScope, Credential, RoleActor, RoleGrants, TwoFactor, TwoFactorRequirement,
    UserActor,
};
use panel_domain::id::NodeId;
use panel_domain::permission::PermissionSet;
use panel_secrets::{ApiKey, NodeToken, RowBinding, Sealed, Secret, SessionToken};
use panel_storage::consistency::RevocationKind;
use panel_storage::{Freshness, api_keys, nodes, roles, sessions, users};

use super::uses::Used;
use crate::answers::{Proof, allows};
use crate::app::App;
use crate::cx::mark_of;
use crate::error::Error;
use crate::keys::{Authority, CredentialKey, Daemon, DaemonKey};
use crate::operations::Rule;

/// How long who a credential belongs to may be kept in Redis. Revocations end it at once.
const AUTHORITY_TTL: Duration = Duration::from_secs(60);

/// The user who is signed in with this session token.
///
/// # Errors
/// [`Error::Unauthenticated`] when the session is unknown, was ended or was unused too long.
pub async fn resolve_session(app: &App, token: &str) -> Result<Identity, Error> {
    let token = SessionToken::parse(token).map_err(|_| Error::Unauthenticated)?;
    let hash = token.hash();
    let authority = authority(app, hash.to_hex(), || load_session(app, hash.as_bytes())).await?;
    Ok(Identity::of(app, authority, hash.to_hex()))
}

/// The user whose program shows this API key, from this address.
///
/// # Errors
/// [`Error::Unauthenticated`] when the key is unknown, expired, or not for this address.
pub async fn resolve_api_key(app: &App, key: &str, ip: Option<IpAddr>) -> Result<Identity, Error> {
    let key = ApiKey::parse(key).map_err(|_| Error::Unauthenticated)?;
    let hash = key.hash();
    let authority = authority(app, hash.to_hex(), || load_api_key(app, hash.as_bytes())).await?;
    if !allows(app, &authority, ip) {
        return Err(Error::Unauthenticated);
    }
    Ok(Identity::of(app, authority, hash.to_hex()))
}

/// Who asks, and by which credential that is known.
#[derive(Debug, Clone)]
pub struct Identity {
    pub(crate) actor: Actor,
    pub(crate) proof: Option<Proof>,
}

impl From<Actor> for Identity {
    /// Somebody who is known by something else than a credential that answers are kept for.
    fn from(actor: Actor) -> Self {
        Self { actor, proof: None }
    }
}

impl Identity {
    /// The user of a credential, which is in use now.
    fn of(app: &App, authority: Authority, hash: String) -> Self {
        if let Some(used) = Used::of(&authority.user) {
            app.0.uses.note(used, app.now());
        }
        Self {
            proof: Some(Proof {
                hash,
                since: authority.loaded_at,
            }),
            actor: authority.user.into(),
        }
    }
}

/// The node whose daemon shows this token (`token_id.token`). Opening the token costs a read of the primary and a decryption
/// for each request, unless the operator allows decrypted secrets in the caches.
///
/// # Errors
/// [`Error::Unauthenticated`] when there is none.
pub async fn resolve_node(app: &App, bearer: &str) -> Result<Identity, Error> {
    let shown = NodeToken::parse(bearer).map_err(|_| Error::Unauthenticated)?;
    let parts = &app.0;
    if parts.cache.keeps_secrets() && parts.revocations.is_current(Instant::now()) {
        let key = DaemonKey(shown.id().to_owned());
        let known = parts
            .cache
            .get_or_load(&key, AUTHORITY_TTL, Reader::Any, || async {
                let position = parts.db.watermark();
                let daemon = load_daemon(app, shown.id()).await?;
                Ok::<_, Error>(match position {
                    // Somebody who tries tokens must not fill the cache with what is not there.
                    Some(position) if daemon.is_some() => Loaded::at(mark_of(position), daemon),
                    _ => Loaded::uncacheable(daemon),
                })
            })
            .await?
            .ok_or(Error::Unauthenticated)?;
        if !app.revoked(RevocationKind::Node, known.node.uuid(), known.loaded_at) {
            return known.admit(&shown);
        }
    }
    let daemon = load_daemon(app, shown.id()).await?;
    daemon.ok_or(Error::Unauthenticated)?.admit(&shown)
}

async fn load_daemon(app: &App, token_id: &str) -> Result<Option<Daemon>, Error> {
    let now = app.now();
    let mut conn = app.0.db.read(Freshness::Primary).await?;
    let Some(node) = nodes::find_by_token_id(&mut conn, token_id).await? else {
        return Ok(None);
    };
    let sealed = Sealed::from_bytes(node.token);
    let token = app
        .0
        .keys
        .open_text(&sealed, token_binding(node.id).binding())
        .map_err(Error::internal)?;
    Ok(Some(Daemon {
        node: node.id,
        token: token.into_exposed(),
        loaded_at: now,
    }))
}

impl Daemon {
    fn admit(self, shown: &NodeToken) -> Result<Identity, Error> {
        if shown.proves(&Secret::new(self.token)) {
            Ok(Actor::Node(self.node).into())
        } else {
            Err(Error::Unauthenticated)
        }
    }
}

/// Where a node's token is kept, which its sealing is bound to.
pub(crate) struct TokenBinding([u8; 16]);

pub(crate) fn token_binding(node: NodeId) -> TokenBinding {
    TokenBinding(*node.uuid().as_bytes())
}

impl TokenBinding {
    pub(crate) fn binding(&self) -> RowBinding<'_> {
        RowBinding::new("nodes", "token", &self.0)
    }
}

async fn authority<F, Fut>(app: &App, hash: String, load: F) -> Result<Authority, Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<Option<Authority>, Error>>,
{
    let parts = &app.0;
    let careless = parts.failpoints.without(Rule::Revocations);
    if careless || parts.revocations.is_current(Instant::now()) {
        let cached = parts
            .cache
            .get_or_load(&CredentialKey(hash), AUTHORITY_TTL, Reader::Any, || async {
                let position = parts.db.watermark();
                let value = load().await?;
                Ok::<_, Error>(match position {
                    // Somebody who tries tokens must not fill the cache with what is not there.
                    Some(position) if value.is_some() => Loaded::at(mark_of(position), value),
                    _ => Loaded::uncacheable(value),
                })
            })
            .await?
            .ok_or(Error::Unauthenticated)?;
        if careless || !app.is_revoked(&cached.user, cached.loaded_at) {
            return Ok(cached);
        }
    }
    load().await?.ok_or(Error::Unauthenticated)
}

async fn load_session(app: &App, hash: &[u8]) -> Result<Option<Authority>, Error> {
    let now = app.now();
    let mut conn = app.0.db.read(Freshness::Primary).await?;
    let used_after = now - app.0.options.session_lifetime;
    let Some((session, user)) = sessions::find_by_secret(&mut conn, hash, used_after).await? else {
        return Ok(None);
    };
    let role = match user.role_id {
        Some(role) => roles::find(&mut conn, role).await?,
        None => None,
    };
    Ok(Some(Authority {
        user: actor_of(&user, role.as_ref(), Credential::Session(session.id)),
        allowed_ips: Vec::new(),
        expires_at: None,
        loaded_at: now,
    }))
}

async fn load_api_key(app: &App, hash: &[u8]) -> Result<Option<Authority>, Error> {
    let now = app.now();
    let mut conn = app.0.db.read(Freshness::Primary).await?;
    let Some((key, user)) = api_keys::find_by_secret(&mut conn, hash, now).await? else {
        return Ok(None);
    };
    let role = match user.role_id {
        Some(role) => roles::find(&mut conn, role).await?,
        None => None,
    };
    let scope = ApiKeyScope {
        user: PermissionSet::from_stored_keys(&key.user_permissions),
        admin: PermissionSet::from_stored_keys(&key.admin_permissions),
        server: PermissionSet::from_stored_keys(&key.server_permissions),
    };
    Ok(Some(Authority {
        user: actor_of(
            &user,
            role.as_ref(),
            Credential::ApiKey { id: key.id, scope },
        ),
        allowed_ips: key.allowed_ips,
        expires_at: key.expires_at,
        loaded_at: now,
    }))
}

/// What a user's row, role and credential say of them.
pub(crate) fn actor_of(
    user: &users::User,
    role: Option<&roles::Role>,
    credential: Credential,
) -> UserActor {
    let demanded = TwoFactorRequirement::default()
        .demands(user.admin, role.map(|role| role.require_two_factor));
    UserActor {
        id: user.id,
        username: user.username.clone(),
        admin: user.admin,
        role: role.map(|role| RoleActor {
            id: role.id,
            grants: RoleGrants {
                admin: PermissionSet::from_stored_keys(&role.admin_permissions),
                server: PermissionSet::from_stored_keys(&role.server_permissions),
            },
        }),
        credential,
        impersonator: None,
        suspended: user.suspended,
        frozen: user.frozen,
        two_factor: TwoFactor::new(user.totp_enabled, demanded),
    }
}
