//! Signed tokens as a Calagopus daemon looks at them.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use uuid::Uuid;
use wings_client::tokens::{Claims, Scope};

use crate::core::Core;

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
    let key = DecodingKey::from_secret(core.options.config.token.as_bytes());
    jsonwebtoken::decode(token, &key, &validation)
        .map(|data| data.claims)
        .map_err(|_| Invalid::Malformed)
}

/// Whether a token that was read is good at this moment.
pub(crate) fn check(core: &Core, claims: &Claims) -> Result<(), Invalid> {
    let now = core.now().timestamp();
    let in_time = claims.exp > now && claims.nbf <= now && claims.iat <= now;
    if in_time && !core.is_from_before_boot(claims.iat) && !core.is_denied(&claims.jti, claims.iat)
    {
        Ok(())
    } else {
        Err(Invalid::Expired)
    }
}

/// A token in a link: everything at once, and counted.
pub(crate) fn link(core: &Core, token: &str, scope: Scope) -> Result<(Claims, Uuid), &'static str> {
    let claims = read(core, token).map_err(|_| "invalid token")?;
    if claims.scope != scope || check(core, &claims).is_err() {
        return Err("invalid token");
    }
    if !core.use_link(&claims.unique_id) {
        return Err("token has already been used");
    }
    let server = claims.server_uuid;
    Ok((claims, server))
}

/// Whether a socket's token holds a permission. As in Calagopus 0.22, `*` is everything, the `admin.` ones too; plural names are understood.
pub(crate) fn holds(claims: &Claims, permission: &str) -> bool {
    let plural = permission
        .split_once('.')
        .map(|(group, right)| format!("{group}s.{right}"));
    claims
        .permissions
        .iter()
        .flatten()
        .any(|held| held == "*" || held == permission || Some(held.as_str()) == plural.as_deref())
}
