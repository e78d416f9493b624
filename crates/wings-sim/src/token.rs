//! Signed tokens as the daemons look at them.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use uuid::Uuid;
use wings_client::tokens::{Claims, Scope};

use crate::core::Core;
use crate::dialect::Dialect;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// Not signed with the node's key, or without a claim that is needed.
    Malformed,
    /// Over, not yet begun, from before the daemon's start, denied, or for something else.
    Expired,
}

/// Reads a token and looks at its signature only.
pub(crate) fn read(core: &Core, token: &str) -> Result<Claims, Invalid> {
    let mut validation = Validation::new(Algorithm::HS256);
    // Times are compared with the simulator's clock, and the audience is not looked at by a daemon.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(core.token().as_bytes());
    jsonwebtoken::decode(token, &key, &validation)
        .map(|data| data.claims)
        .map_err(|_| Invalid::Malformed)
}

/// Whether a token that was read is good at this moment. The Go daemons look at its end only, and at less for some purposes.
pub(crate) fn check(core: &Core, claims: &Claims) -> Result<(), Invalid> {
    let now = core.now().timestamp();
    let dialect = core.dialect();
    let in_time = claims.exp > now && (dialect.is_go() || (claims.nbf <= now && claims.iat <= now));
    let looks_at_age = match dialect {
        Dialect::Pterodactyl => claims.scope == Scope::Websocket,
        Dialect::Pelican => claims.scope != Scope::Transfer,
        Dialect::Calagopus | Dialect::CalagopusNext => true,
    };
    if in_time
        && !(looks_at_age && (core.is_from_before_boot(claims.iat) || core.is_denied(claims)))
    {
        Ok(())
    } else {
        Err(Invalid::Expired)
    }
}

/// Why a link does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The token is not good.
    Invalid,
    /// It was used too often.
    Used,
    /// It is for something else, or was denied (Pelican says so differently).
    Denied,
}

/// A token in a link: everything at once, and counted.
pub(crate) fn link(core: &Core, token: &str, scope: Scope) -> Result<(Claims, Uuid), Closed> {
    let claims = read(core, token).map_err(|_| Closed::Invalid)?;
    if core.dialect().is_go() {
        if claims.exp <= core.now().timestamp() {
            return Err(Closed::Invalid);
        }
        // Counted before anything else is looked at.
        if !core.use_link(&claims.unique_id) {
            return Err(Closed::Used);
        }
        let pelican = core.dialect() == Dialect::Pelican;
        if pelican
            && (claims.scope != scope
                || claims.user_uuid.is_none()
                || check(core, &claims).is_err())
        {
            return Err(Closed::Denied);
        }
    } else {
        if check(core, &claims).is_err() {
            return Err(Closed::Invalid);
        }
        if core.dialect() == Dialect::CalagopusNext && claims.scope != scope {
            return Err(Closed::Invalid);
        }
        if !core.use_link(&claims.unique_id) {
            return Err(Closed::Used);
        }
    }
    let server = claims.server_uuid;
    Ok((claims, server))
}

/// Whether a socket's token holds a permission. In Calagopus 0.22 `*` is everything, the `admin.` ones too, and plural names are understood; in
/// the Go daemons neither.
pub(crate) fn holds(core: &Core, claims: &Claims, permission: &str) -> bool {
    if core.dialect().is_go() {
        return claims
            .permissions
            .iter()
            .flatten()
            .any(|held| held == permission || (held == "*" && !permission.starts_with("admin")));
    }
    let plural = permission
        .split_once('.')
        .map(|(group, right)| format!("{group}s.{right}"));
    claims
        .permissions
        .iter()
        .flatten()
        .any(|held| held == "*" || held == permission || Some(held.as_str()) == plural.as_deref())
}
