//! From a credential to who it belongs to.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
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
use panel_storage::{ReadConn, ReadLog, Source, api_keys, nodes, roles, sessions, users};

use super::uses::Used;
use crate::answers::{Door, Holder, Proof};
use crate::app::App;
use crate::cx::{mark_of, primary_away};
use crate::error::Error;
use crate::keys::{Authority, CredentialKey, Daemon, DaemonKey};
use crate::operations::Rule;

/// How long who a credential belongs to may be kept in Redis. Revocations end it at once.
const AUTHORITY_TTL: Duration = Duration::from_secs(60);

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// To read: goes on, within limits, while the primary is away.
    #[default]
    Read,
    /// To change something: needs the primary.
    Change,
}

/// The user who is signed in with this session token.
///
/// # Errors
/// [`Error::Unauthenticated`] when the session is unknown, was ended or was unused too long.
pub async fn resolve_session(app: &App, token: &str, access: Access) -> Result<Identity, Error> {
    let token = SessionToken::parse(token).map_err(|_| Error::Unauthenticated)?;
    let hash = token.hash();
    let authority = authority(app, hash.to_hex(), access, || {
        load_session(app, hash.as_bytes())
    })
    .await?;
    Ok(Identity::of(app, authority, hash.to_hex()))
}

/// The user whose program shows this API key, from this address.
///
/// # Errors
/// [`Error::Unauthenticated`] when the key is unknown, expired, or not for this address.
pub async fn resolve_api_key(
    app: &App,
    key: &str,
    ip: Option<IpAddr>,
    access: Access,
) -> Result<Identity, Error> {
    let key = ApiKey::parse(key).map_err(|_| Error::Unauthenticated)?;
    let hash = key.hash();
    let authority = authority(app, hash.to_hex(), access, || {
        load_api_key(app, hash.as_bytes())
    })
    .await?;
    if !Door::of(&authority).is_open(app, ip) {
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
                door: Door::of(&authority),
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
    let stands = |daemon: &Daemon| {
        let node = daemon.node.uuid();
        !parts
            .revocations
            .revoked_since(RevocationKind::Node, node, daemon.mark)
    };
    if parts.cache.keeps_secrets() && parts.revocations.is_current(Instant::now()) {
        let key = DaemonKey(shown.id().to_owned());
        let known = parts
            .cache
            .get_or_load(&key, AUTHORITY_TTL, Reader::Any, || async {
                let position = parts.db.watermark();
                let found = load_daemon(app, shown.id()).await?;
                Ok::<_, Error>(match position {
                    // Somebody who tries tokens must not fill the cache with what is not there.
                    Some(position) if found.value.is_some() && found.fills => {
                        Loaded::at(mark_of(position), found.value)
                    }
                    _ => Loaded::uncacheable(found.value),
                })
            })
            .await?
            .ok_or(Error::Unauthenticated)?;
        if stands(&known) {
            return known.admit(&shown);
        }
    }
    let Found { value, source, .. } = load_daemon(app, shown.id()).await?;
    let daemon = value.ok_or(Error::Unauthenticated)?;
    // While the primary is away, a replica may still have a token that was replaced.
    if source == Source::Replica && !stands(&daemon) {
        return Err(Error::Unauthenticated);
    }
    daemon.admit(&shown)
}

async fn load_daemon(app: &App, token_id: &str) -> Result<Found<Daemon>, Error> {
    let mut conn = app.0.db.read_authority().await?;
    let mark = app.0.revocations.mark_of(&mut conn).await?;
    let fills = conn.may_fill_caches().await?;
    let node = nodes::find_by_token_id(&mut conn, token_id).await?;
    let opened = |node: nodes::Node| {
        let sealed = Sealed::from_bytes(node.token);
        let token = app
            .0
            .keys
            .open_text(&sealed, token_binding(node.id).binding())
            .map_err(Error::internal)?;
        Ok::<_, Error>(Daemon {
            node: node.id,
            token: token.into_exposed(),
            mark,
        })
    };
    Ok(Found {
        value: node.map(opened).transpose()?,
        source: conn.source(),
        fills,
    })
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

/// What was found of a credential, and where.
struct Found<T> {
    value: Option<T>,
    source: Source,
    /// Whether it may be kept in the caches.
    fills: bool,
}

async fn authority<F, Fut>(
    app: &App,
    hash: String,
    access: Access,
    load: F,
) -> Result<Authority, Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<Found<Authority>, Error>>,
{
    let parts = &app.0;
    let careless = parts.failpoints.without(Rule::Revocations);
    let key = CredentialKey(hash);
    if careless || parts.revocations.is_current(Instant::now()) {
        let loads = AtomicBool::new(false);
        let cached = parts
            .cache
            .get_or_load(&key, AUTHORITY_TTL, Reader::Any, || async {
                loads.store(true, Ordering::Relaxed);
                let position = parts.db.watermark();
                let found = load().await?;
                if found.source == Source::Replica {
                    return Err(primary_away());
                }
                let value = found.value;
                Ok(match position {
                    // Somebody who tries tokens must not fill the cache with what is not there.
                    Some(position) if value.is_some() && found.fills => {
                        Loaded::at(mark_of(position), value)
                    }
                    _ => Loaded::uncacheable(value),
                })
            })
            .await;
        match cached {
            Ok(None) => return Err(Error::Unauthenticated),
            // What was read just now is as new as it gets.
            Ok(Some(loaded)) if loads.load(Ordering::Relaxed) => return Ok(loaded),
            Ok(Some(cached))
                if careless || !app.is_revoked(Holder::of(&cached.user), cached.mark) =>
            {
                ReadLog::add("cache=credential");
                return Ok(cached);
            }
            // Another look at the primary, or, when that is away, at what is left.
            Ok(Some(_)) | Err(Error::Unavailable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    match load().await {
        Ok(found) if found.source == Source::Primary => found.value.ok_or(Error::Unauthenticated),
        found => without_primary(app, &key, access, found).await,
    }
}

/// With the primary away nobody knows what was taken back a moment ago. What is cached then holds for a while, after that what a replica
/// has, and both for readings only.
async fn without_primary(
    app: &App,
    key: &CredentialKey,
    access: Access,
    found: Result<Found<Authority>, Error>,
) -> Result<Authority, Error> {
    if access == Access::Change {
        return Err(primary_away());
    }
    if app.holds_without_primary() {
        let cached = app
            .0
            .cache
            .get_or_load(key, AUTHORITY_TTL, Reader::Any, || async {
                Err::<Loaded<_>, _>(primary_away())
            })
            .await;
        if let Ok(Some(cached)) = cached
            && !app.is_revoked(Holder::of(&cached.user), cached.mark)
        {
            ReadLog::add("cache=credential");
            return Ok(cached);
        }
    }
    let authority = found?.value.ok_or(Error::Unauthenticated)?;
    if app.is_revoked(Holder::of(&authority.user), authority.mark) {
        return Err(Error::Unauthenticated);
    }
    Ok(authority)
}

async fn load_session(app: &App, hash: &[u8]) -> Result<Found<Authority>, Error> {
    let now = app.now();
    let mut conn = app.0.db.read_authority().await?;
    let mark = app.0.revocations.mark_of(&mut conn).await?;
    let fills = conn.may_fill_caches().await?;
    let found = |value, conn: &ReadConn| Found {
        value,
        source: conn.source(),
        fills,
    };
    let used_after = now - app.0.options.session_lifetime;
    let Some((session, user)) = sessions::find_by_secret(&mut conn, hash, used_after).await? else {
        return Ok(found(None, &conn));
    };
    let role = match user.role_id {
        Some(role) => roles::find(&mut conn, role).await?,
        None => None,
    };
    let authority = Authority {
        user: actor_of(&user, role.as_ref(), Credential::Session(session.id)),
        allowed_ips: Vec::new(),
        expires_at: None,
        mark,
    };
    Ok(found(Some(authority), &conn))
}

async fn load_api_key(app: &App, hash: &[u8]) -> Result<Found<Authority>, Error> {
    let now = app.now();
    let mut conn = app.0.db.read_authority().await?;
    let mark = app.0.revocations.mark_of(&mut conn).await?;
    let fills = conn.may_fill_caches().await?;
    let found = |value, conn: &ReadConn| Found {
        value,
        source: conn.source(),
        fills,
    };
    let Some((key, user)) = api_keys::find_by_secret(&mut conn, hash, now).await? else {
        return Ok(found(None, &conn));
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
    let authority = Authority {
        user: actor_of(
            &user,
            role.as_ref(),
            Credential::ApiKey { id: key.id, scope },
        ),
        allowed_ips: key.allowed_ips,
        expires_at: key.expires_at,
        mark,
    };
    Ok(found(Some(authority), &conn))
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
