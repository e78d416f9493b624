//! The operator's encryption keys and what is derived from them.

use std::fmt;
use std::sync::Arc;

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// Shortest accepted encryption key, in bytes.
const MIN_KEY_BYTES: usize = 32;

/// Separates the product's derivations from anybody else's use of the same key.
const SALT: &[u8] = b"roost/key-ring/1";

pub(crate) const KEY_ID_BYTES: usize = 8;
pub(crate) type KeyId = [u8; KEY_ID_BYTES];

/// What a derived key is for. Two purposes never share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(&'static str);

impl Purpose {
    /// Signs the tokens that carry a client's position.
    pub const CONSISTENCY_TOKEN: Self = Self("consistency-token");
    /// Signs self-contained challenges of a sign-in (second factor, OAuth state, WebAuthn).
    pub const CHALLENGE: Self = Self("challenge");
    /// Authenticates cookies that are not a credential themselves.
    pub const COOKIE: Self = Self("cookie");
    /// Signs recovery codes, which are kept only as that.
    pub const RECOVERY_CODE: Self = Self("recovery-code");
    /// Signs links and other tokens that the panel itself reads back.
    pub const TOKEN_SIGNING: Self = Self("token-signing");

    /// A purpose named by `name`, which has to be unique in the product and never reused for something else.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }
}

/// Why a key ring could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// A key is shorter than 32 bytes. `previous` is `None` for the current key, else the index among the previous ones.
    #[error("an encryption key needs at least {MIN_KEY_BYTES} bytes, this one has {bytes}")]
    TooShort {
        /// Which key: `None` is the current one, `Some(i)` the i-th of the previous keys.
        previous: Option<usize>,
        /// How long it is.
        bytes: usize,
    },
}

struct MasterKey {
    id: KeyId,
    sealing: Zeroizing<[u8; 32]>,
    root: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    fn new(text: &str, previous: Option<usize>) -> Result<Self, KeyRingError> {
        if text.len() < MIN_KEY_BYTES {
            return Err(KeyRingError::TooShort {
                previous,
                bytes: text.len(),
            });
        }
        let (mut extracted, expander) = Hkdf::<Sha256>::extract(Some(SALT), text.as_bytes());
        extracted.as_mut_slice().zeroize();
        let root: Zeroizing<[u8; 32]> = Zeroizing::new(expand(&expander, &[b"root"]));
        let sealing = Zeroizing::new(expand(&expander, &[b"sealing"]));
        Ok(Self {
            id: expand(&expander, &[b"key-id"]),
            sealing,
            root,
        })
    }

    fn derive(&self, purpose: Purpose) -> [u8; 32] {
        let expander = Hkdf::<Sha256>::new(Some(SALT), self.root.as_slice());
        expand(&expander, &[b"purpose/", purpose.0.as_bytes()])
    }

    fn mac(&self, purpose: Purpose, message: &[u8]) -> Hmac<Sha256> {
        let key = Zeroizing::new(self.derive(purpose));
        // HMAC takes keys of any length; the fixed-size form cannot fail.
        let mut padded = Zeroizing::new([0_u8; 64]);
        padded[..32].copy_from_slice(key.as_slice());
        let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new((&*padded).into());
        mac.update(message);
        mac
    }
}

fn expand<const N: usize>(expander: &Hkdf<Sha256>, info: &[&[u8]]) -> [u8; N] {
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 gives at most 8160 bytes") };
    let mut out = [0; N];
    if expander.expand_multi_info(info, &mut out).is_err() {
        unreachable!("the length was checked when this was compiled");
    }
    out
}

/// The encryption keys an installation knows: the current one, which seals and signs, and the previous ones, which still
/// open and verify. Cloning is cheap. Nothing of a key is ever printed, and keys are wiped when the last clone is dropped.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[MasterKey]>,
}

impl KeyRing {
    /// Makes a ring of the current key and the previous ones (any order, repetitions are ignored). A key is any text of at
    /// least 32 bytes; the text itself is not kept.
    ///
    /// # Errors
    /// [`KeyRingError::TooShort`] names the first key that is too short.
    pub fn new<S: AsRef<str>>(current: &str, previous: &[S]) -> Result<Self, KeyRingError> {
        let mut keys = vec![MasterKey::new(current, None)?];
        for (index, text) in previous.iter().enumerate() {
            let key = MasterKey::new(text.as_ref(), Some(index))?;
            if keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        Ok(Self { keys: keys.into() })
    }

    /// The key of the current master key for `purpose`: the same in every process that has the same current key.
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> [u8; 32] {
        self.current().derive(purpose)
    }

    /// The keys for `purpose` of all master keys, the current one first: what a reader of something long-lived tries.
    #[must_use]
    pub fn derive_all(&self, purpose: Purpose) -> Vec<[u8; 32]> {
        self.keys.iter().map(|key| key.derive(purpose)).collect()
    }

    /// HMAC-SHA-256 of `message` under the current key for `purpose`.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> [u8; 32] {
        self.current()
            .mac(purpose, message)
            .finalize()
            .into_bytes()
            .into()
    }

    /// Whether `signature` was made by [`sign`](Self::sign) for this purpose and message, under any key of the ring.
    /// Compares in constant time.
    #[must_use]
    pub fn verify(&self, purpose: Purpose, message: &[u8], signature: &[u8]) -> bool {
        self.keys
            .iter()
            .any(|key| key.mac(purpose, message).verify_slice(signature).is_ok())
    }

    fn current(&self) -> &MasterKey {
        // `new` always puts the current key first.
        &self.keys[0]
    }

    pub(crate) fn current_sealing_key(&self) -> (KeyId, &[u8; 32]) {
        let key = self.current();
        (key.id, &key.sealing)
    }

    pub(crate) fn sealing_key(&self, id: KeyId) -> Option<&[u8; 32]> {
        self.keys
            .iter()
            .find(|key| key.id == id)
            .map(|key| &*key.sealing)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys)", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old encryption key of 32 bytes or more";
    const NEW: &str = "a new encryption key of 32 bytes or more";

    fn ring(current: &str, previous: &[&str]) -> KeyRing {
        KeyRing::new(current, previous).unwrap()
    }

    #[test]
    fn a_short_key_is_refused_and_named() {
        assert_eq!(
            KeyRing::new::<&str>("short", &[]).unwrap_err(),
            KeyRingError::TooShort {
                previous: None,
                bytes: 5
            }
        );
        assert_eq!(
            KeyRing::new(NEW, &[OLD, "tiny"]).unwrap_err(),
            KeyRingError::TooShort {
                previous: Some(1),
                bytes: 4
            }
        );
    }

    #[test]
    fn purposes_and_keys_do_not_share_derived_keys() {
        let ring_new = ring(NEW, &[]);
        let ring_old = ring(OLD, &[]);
        assert_eq!(
            ring_new.derive(Purpose::COOKIE),
            ring(NEW, &[]).derive(Purpose::COOKIE)
        );
        assert_ne!(
            ring_new.derive(Purpose::COOKIE),
            ring_new.derive(Purpose::CHALLENGE)
        );
        assert_ne!(
            ring_new.derive(Purpose::COOKIE),
            ring_old.derive(Purpose::COOKIE)
        );
        assert_ne!(
            ring_new.derive(Purpose::COOKIE),
            *ring_new.current_sealing_key().1
        );
    }

    #[test]
    fn a_signature_outlives_the_rotation_of_its_key() {
        let signature = ring(OLD, &[]).sign(Purpose::CHALLENGE, b"message");
        let rotated = ring(NEW, &[OLD]);
        assert!(rotated.verify(Purpose::CHALLENGE, b"message", &signature));
        assert!(!rotated.verify(Purpose::COOKIE, b"message", &signature));
        assert!(!rotated.verify(Purpose::CHALLENGE, b"massage", &signature));
        assert!(!rotated.verify(Purpose::CHALLENGE, b"message", &signature[..31]));
        assert!(!ring(NEW, &[]).verify(Purpose::CHALLENGE, b"message", &signature));
    }

    #[test]
    fn the_mac_is_plain_hmac_under_the_derived_key() {
        let ring = ring(NEW, &[]);
        let mut mac = Hmac::<Sha256>::new_from_slice(&ring.derive(Purpose::COOKIE)).unwrap();
        mac.update(b"message");
        let expected: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(ring.sign(Purpose::COOKIE, b"message"), expected);
    }

    #[test]
    fn repeated_keys_are_kept_once() {
        let repeated = ring(NEW, &[OLD, NEW, OLD]);
        assert_eq!(repeated.derive_all(Purpose::COOKIE).len(), 2);
        assert_eq!(
            repeated.derive_all(Purpose::COOKIE)[0],
            repeated.derive(Purpose::COOKIE)
        );
        assert_eq!(format!("{repeated:?}"), "KeyRing(2 keys)");
    }
}
