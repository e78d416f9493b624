//! Credentials that the panel hands out.
//!
//! All but the node's are `prefix + 43 alphanumerics + 6 characters of checksum`: the prefix lets people and secret
//! scanners recognise them, the checksum refuses typing errors without asking the database. They have 256 bits, so a plain
//! SHA-256 is all that is stored of them.

use std::fmt;
use std::marker::PhantomData;

use sha2::{Digest, Sha256};

use crate::random::random_alphanumeric;
use crate::secret::{Secret, constant_time_eq};

const BODY_CHARS: usize = 43;
const CHECKSUM_CHARS: usize = 6;
const START_CHARS: usize = 16;
const NODE_ID_CHARS: usize = 16;
const NODE_SECRET_CHARS: usize = 64;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A kind of [`Token`], told from the others by its prefix.
pub trait TokenKind {
    /// What every token of this kind starts with.
    const PREFIX: &'static str;
}

/// The kind of [`SessionToken`].
#[derive(Debug, Clone, Copy)]
pub enum SessionKind {}
/// The kind of [`ApiKey`].
#[derive(Debug, Clone, Copy)]
pub enum ApiKeyKind {}
/// The kind of [`SetupToken`].
#[derive(Debug, Clone, Copy)]
pub enum SetupKind {}
/// The kind of [`OneTimeToken`].
#[derive(Debug, Clone, Copy)]
pub enum OneTimeKind {}

impl TokenKind for SessionKind {
    const PREFIX: &'static str = "rs_";
}
impl TokenKind for ApiKeyKind {
    const PREFIX: &'static str = "roost_";
}
impl TokenKind for SetupKind {
    const PREFIX: &'static str = "roost_setup_";
}
impl TokenKind for OneTimeKind {
    const PREFIX: &'static str = "rot_";
}

/// The value of a session's cookie.
pub type SessionToken = Token<SessionKind>;
/// A user's key for the API, sent as `Authorization: Bearer`.
pub type ApiKey = Token<ApiKeyKind>;
/// Lets whoever installed the panel create its first user.
pub type SetupToken = Token<SetupKind>;
/// Sent by mail and good for one use, such as resetting a password.
pub type OneTimeToken = Token<OneTimeKind>;

/// A credential in clear. It exists while it is issued and while a request that presents it is checked.
pub struct Token<K> {
    text: Secret<String>,
    kind: PhantomData<K>,
}

impl<K: TokenKind> Token<K> {
    /// A new random token.
    #[must_use]
    pub fn generate() -> Self {
        let mut text = format!("{}{}", K::PREFIX, random_alphanumeric(BODY_CHARS));
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Self::from_text(text)
    }

    /// Takes what somebody presents as such a token.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] when it has another shape or its checksum is wrong; the database need not be asked then.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let rest = text.strip_prefix(K::PREFIX).ok_or(TokenError::Malformed)?;
        if rest.len() != BODY_CHARS + CHECKSUM_CHARS || !is_alphanumeric(rest) {
            return Err(TokenError::Malformed);
        }
        let (signed, found) = text.split_at(text.len() - CHECKSUM_CHARS);
        if !constant_time_eq(checksum(signed).as_bytes(), found.as_bytes()) {
            return Err(TokenError::Malformed);
        }
        Ok(Self::from_text(text.to_owned()))
    }

    fn from_text(text: String) -> Self {
        Self {
            text: Secret::new(text),
            kind: PhantomData,
        }
    }

    /// The token in clear, to be shown to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// What is stored and looked up instead of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.text.expose())
    }

    /// The first 16 characters, which may be stored and shown so that the owner recognises the token.
    #[must_use]
    pub fn start(&self) -> &str {
        // Only ASCII gets into a token, and every token is longer than this.
        &self.text.expose()[..START_CHARS]
    }
}

impl<K> Clone for Token<K> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            kind: PhantomData,
        }
    }
}

impl<K: TokenKind> fmt::Debug for Token<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..", K::PREFIX)
    }
}

/// SHA-256 of a token. Comparison takes constant time; whoever reads it cannot get back to the token.
#[derive(Clone, Copy, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of what somebody presents, whether or not it has the shape of a token: of what has not, nothing is stored
    /// under its hash.
    #[must_use]
    pub fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented.as_bytes()).into())
    }

    /// The 32 bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A stored hash; `None` unless it has 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// 64 lower-case hexadecimal digits, fit for a cache key.
    #[must_use]
    pub fn to_hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // For every request, and so without a formatter for each byte.
        let mut digits = Vec::with_capacity(2 * self.0.len());
        for byte in self.0 {
            let halves = [byte >> 4, byte & 15];
            digits.extend_from_slice(&halves.map(|half| DIGITS[usize::from(half)]));
        }
        String::from_utf8(digits).unwrap_or_default()
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

impl std::hash::Hash for TokenHash {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// The credential of a node: 16 alphanumerics that identify it, stored in clear, and 64 that prove it, stored sealed,
/// because they are also sent to the daemon and sign the browser's tokens for it. The daemon sends both, joined by a dot.
#[derive(Clone)]
pub struct NodeToken {
    id: String,
    secret: Secret<String>,
}

impl NodeToken {
    /// A new random credential.
    #[must_use]
    pub fn generate() -> Self {
        Self {
            id: random_alphanumeric(NODE_ID_CHARS),
            secret: Secret::new(random_alphanumeric(NODE_SECRET_CHARS)),
        }
    }

    /// Takes what follows `Bearer ` in a daemon's request.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] when it is not 16 and 64 alphanumerics around a dot.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let (id, secret) = text.split_once('.').ok_or(TokenError::Malformed)?;
        let well_formed = id.len() == NODE_ID_CHARS
            && secret.len() == NODE_SECRET_CHARS
            && is_alphanumeric(id)
            && is_alphanumeric(secret);
        if !well_formed {
            return Err(TokenError::Malformed);
        }
        Ok(Self {
            id: id.to_owned(),
            secret: Secret::from(secret),
        })
    }

    /// The public half, by which the node is looked up.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret half.
    #[must_use]
    pub fn secret(&self) -> &Secret<String> {
        &self.secret
    }

    /// Whether `expected`, the stored secret half, is the one presented. Constant time.
    #[must_use]
    pub fn proves(&self, expected: &Secret<String>) -> bool {
        self.secret == *expected
    }
}

impl fmt::Debug for NodeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeToken({}, ..)", self.id)
    }
}

/// Why a presented credential was refused without looking it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not have the shape of such a credential.
    #[error("this is not a well-formed credential")]
    Malformed,
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut rest = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_token_parses_to_the_same_hash() {
        let key = ApiKey::generate();
        assert_eq!(key.expose().len(), 6 + 43 + 6);
        assert!(key.start().starts_with("roost_"));
        assert_eq!(key.start().len(), 16);
        let parsed = ApiKey::parse(key.expose()).unwrap();
        assert_eq!(parsed.hash(), key.hash());
        assert_ne!(ApiKey::generate().hash(), key.hash());
        assert_eq!(
            TokenHash::from_slice(key.hash().as_bytes()),
            Some(key.hash())
        );
        assert_eq!(TokenHash::from_slice(b"short"), None);
        assert_eq!(key.hash().to_hex().len(), 64);
    }

    #[test]
    fn kinds_do_not_take_each_others_tokens() {
        let session = SessionToken::generate();
        assert!(session.expose().starts_with("rs_"));
        assert!(ApiKey::parse(session.expose()).is_err());
        let setup = SetupToken::generate();
        assert!(ApiKey::parse(setup.expose()).is_err());
        assert!(SetupToken::parse(setup.expose()).is_ok());
        assert!(OneTimeToken::parse(OneTimeToken::generate().expose()).is_ok());
    }

    #[test]
    fn a_mistyped_token_is_refused() {
        let text = SessionToken::generate().expose().to_owned();
        for index in 3..text.len() {
            let mut typed = text.clone().into_bytes();
            typed[index] = if typed[index] == b'x' { b'y' } else { b'x' };
            let typed = String::from_utf8(typed).unwrap();
            assert_eq!(
                SessionToken::parse(&typed).unwrap_err(),
                TokenError::Malformed
            );
        }
        for other in [
            "",
            "rs_",
            "rs_ü",
            &text[..text.len() - 1],
            &format!("{text}0"),
        ] {
            assert_eq!(
                SessionToken::parse(other).unwrap_err(),
                TokenError::Malformed
            );
        }
    }

    #[test]
    fn the_checksum_is_stable() {
        assert_eq!(checksum("rs_"), checksum("rs_"));
        assert_eq!(checksum("").len(), 6);
        assert_ne!(checksum("rs_a"), checksum("rs_b"));
    }

    #[test]
    fn a_node_token_has_the_daemons_form() {
        let token = NodeToken::generate();
        let header = format!("{}.{}", token.id(), token.secret().expose());
        assert_eq!(header.len(), 81);
        let parsed = NodeToken::parse(&header).unwrap();
        assert_eq!(parsed.id(), token.id());
        assert!(parsed.proves(token.secret()));
        assert!(!parsed.proves(NodeToken::generate().secret()));
        for other in [
            "",
            ".",
            &header[..80],
            &format!("{header}x"),
            &header.replace('.', "-"),
        ] {
            assert!(NodeToken::parse(other).is_err());
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = NodeToken::generate();
        assert!(!format!("{token:?}").contains(token.secret().expose().as_str()));
        assert_eq!(format!("{:?}", ApiKey::generate()), "roost_..");
        assert_eq!(format!("{:?}", ApiKey::generate().hash()), "TokenHash(..)");
    }
}
