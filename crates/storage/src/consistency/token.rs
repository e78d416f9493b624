//! What a client shows to be answered from at least where its own last write was.
//!
//! A token is `v1.<epoch>.<lsn>.<issued>.<signature>`: two numbers and the seconds since 1970 in hexadecimal, then the first
//! 16 bytes of HMAC-SHA256 over the version, the principal and the three numbers, in unpadded URL-safe base64. The principal is
//! signed, not written: a token shown by somebody else is no token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Position;

const VERSION: &str = "v1";
const SIGNATURE_BYTES: usize = 16;

/// How long a token is heeded: longer than any replica is allowed to lag.
pub const VALIDITY: TimeDelta = TimeDelta::minutes(15);

/// How far another process's clock may be ahead of ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);

/// Signs and reads consistency tokens.
#[derive(Clone)]
pub struct Tokens {
    key: Hmac<Sha256>,
    previous: Vec<Hmac<Sha256>>,
}

impl Tokens {
    /// The signer whose key derives from `secret` (of any length); what was signed by a `previous` one is still read. Every
    /// process needs the same secrets.
    #[must_use]
    pub fn new<S: AsRef<[u8]>>(secret: &[u8], previous: &[S]) -> Self {
        let previous = previous.iter().map(|secret| derived(secret.as_ref()));
        Self {
            key: derived(secret),
            previous: previous.collect(),
        }
    }

    /// The token that says `principal` has written up to `position`.
    #[must_use]
    pub fn sign(&self, position: Position, principal: &str, now: DateTime<Utc>) -> String {
        let Position { epoch, lsn } = position;
        let issued = now.timestamp();
        let numbers = format!("{VERSION}.{epoch:x}.{lsn:x}.{issued:x}");
        let signature = mac(&self.key, &numbers, principal).finalize().into_bytes();
        let signature = URL_SAFE_NO_PAD.encode(&signature[..SIGNATURE_BYTES]);
        format!("{numbers}.{signature}")
    }

    /// The position that `token` asks for; nothing when it is malformed, forged, somebody else's, older than
    /// [`VALIDITY`] or from the future.
    #[must_use]
    pub fn read(&self, token: &str, principal: &str, now: DateTime<Utc>) -> Option<Position> {
        let (numbers, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if signature.len() != SIGNATURE_BYTES {
            return None;
        }
        let ours = |key: &Hmac<Sha256>| {
            // Compares in constant time.
            mac(key, numbers, principal)
                .verify_truncated_left(&signature)
                .is_ok()
        };
        if !ours(&self.key) && !self.previous.iter().any(ours) {
            return None;
        }
        let mut parts = numbers.split('.');
        if parts.next() != Some(VERSION) {
            return None;
        }
        let mut number = || i64::from_str_radix(parts.next()?, 16).ok();
        let (epoch, lsn, issued) = (number()?, number()?, number()?);
        let age = now.signed_duration_since(DateTime::from_timestamp(issued, 0)?);
        (age <= VALIDITY && age >= -CLOCK_SKEW).then_some(Position { epoch, lsn })
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

fn mac(key: &Hmac<Sha256>, numbers: &str, principal: &str) -> Hmac<Sha256> {
    // The numbers hold no zero byte, so no other pair gives the same text.
    key.clone()
        .chain_update(numbers)
        .chain_update([0])
        .chain_update(principal)
}

/// A key for this use alone: what is signed here is valid nowhere else.
fn derived(secret: &[u8]) -> Hmac<Sha256> {
    keyed(
        &keyed(secret)
            .chain_update(b"roost consistency token")
            .finalize()
            .into_bytes(),
    )
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITION: Position = Position {
        epoch: 3,
        lsn: 0x16_B374_D848,
    };

    fn tokens(secret: &[u8], previous: &[&[u8]]) -> Tokens {
        Tokens::new(secret, previous)
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn a_token_is_read_by_every_process_with_the_secret_for_its_principal() {
        let token = tokens(b"secret", &[]).sign(POSITION, "user:1", now());
        let elsewhere = tokens(b"secret", &[]);
        assert_eq!(elsewhere.read(&token, "user:1", now()), Some(POSITION));
        assert_eq!(elsewhere.read(&token, "user:2", now()), None);
        assert_eq!(tokens(b"other", &[]).read(&token, "user:1", now()), None);
        let rotated = tokens(b"other", &[b"secret"]);
        assert_eq!(rotated.read(&token, "user:1", now()), Some(POSITION));
    }

    #[test]
    fn forged_expired_and_future_tokens_are_ignored() {
        let tokens = tokens(b"secret", &[]);
        let token = tokens.sign(POSITION, "user:1", now());
        let read = |token: &str, now| tokens.read(token, "user:1", now);
        assert_eq!(read(&token.replacen("v1.3.", "v1.4.", 1), now()), None);
        assert_eq!(read(&token[..token.len() - 1], now()), None);
        assert_eq!(read(token.rsplit_once('.').unwrap().0, now()), None);
        assert_eq!(read("v1.1.1.1.", now()), None);
        assert_eq!(read("", now()), None);
        assert_eq!(read(&token, now() + VALIDITY), Some(POSITION));
        assert_eq!(read(&token, now() + VALIDITY + TimeDelta::seconds(1)), None);
        assert_eq!(
            read(&token, now() - CLOCK_SKEW - TimeDelta::seconds(1)),
            None
        );
    }
}
