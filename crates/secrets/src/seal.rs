//! Values sealed at rest: XChaCha20-Poly1305, bound to the row that holds them.
//!
//! A sealed value is `version (1) | key id (8) | nonce (24) | ciphertext and tag (n + 16)`. The version, the key id and
//! the row are authenticated with it, so a value moved to another row, column or table does not open.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::keyring::{KEY_ID_BYTES, KeyId, KeyRing};
use crate::random::random_bytes;
use crate::secret::Secret;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES;

/// The place a sealed value belongs to. It does not open anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowBinding<'a> {
    /// Name of the table.
    pub table: &'a str,
    /// Name of the column.
    pub column: &'a str,
    /// The row's primary key, as bytes (for a UUID its 16 bytes).
    pub row: &'a [u8],
}

impl<'a> RowBinding<'a> {
    /// The value in `column` of the row `row` of `table`.
    #[must_use]
    pub fn new(table: &'a str, column: &'a str, row: &'a [u8]) -> Self {
        Self { table, column, row }
    }

    fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let mut data = header.to_vec();
        for part in [self.table.as_bytes(), self.column.as_bytes(), self.row] {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// A sealed value as it is stored: opaque bytes, 49 longer than the plaintext.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes stored bytes; whether they are well formed shows when they are opened.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn decode(&self) -> Result<Parts<'_>, OpenError> {
        let (header, rest) = self
            .0
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or(OpenError::Malformed)?;
        let (nonce, ciphertext) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(OpenError::Malformed)?;
        let [version, key_id @ ..] = header;
        if *version != VERSION || ciphertext.len() < TAG_BYTES {
            return Err(OpenError::Malformed);
        }
        Ok(Parts {
            header,
            key_id: *key_id,
            nonce,
            ciphertext,
        })
    }
}

impl From<Vec<u8>> for Sealed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<Sealed> for Vec<u8> {
    fn from(sealed: Sealed) -> Self {
        sealed.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

struct Parts<'a> {
    header: &'a [u8; HEADER_BYTES],
    key_id: KeyId,
    nonce: &'a [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
}

/// Why a sealed value did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed with a key that is not in the ring.
    #[error("the value was sealed with an encryption key that is not configured")]
    UnknownKey,
    /// It was changed, or belongs to another row.
    #[error("the value was changed or belongs to another row")]
    Tampered,
    /// It is not a sealed value of a known version, or the text asked for is not UTF-8.
    #[error("this is not a sealed value")]
    Malformed,
}

impl KeyRing {
    /// Seals `plaintext` for one place in the database, with the current key and a fresh nonce: two sealings of the same
    /// text differ, so make it before a transaction that may run again.
    #[must_use]
    pub fn seal(&self, plaintext: impl AsRef<[u8]>, binding: RowBinding<'_>) -> Sealed {
        let (key_id, key) = self.current_sealing_key();
        let mut bytes =
            Vec::with_capacity(HEADER_BYTES + NONCE_BYTES + plaintext.as_ref().len() + TAG_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&key_id);
        let associated_data = binding.associated_data(&bytes);
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        bytes.extend_from_slice(&nonce);
        let payload = Payload {
            msg: plaintext.as_ref(),
            aad: &associated_data,
        };
        match XChaCha20Poly1305::new(key.into()).encrypt(XNonce::from_slice(&nonce), payload) {
            Ok(ciphertext) => bytes.extend_from_slice(&ciphertext),
            Err(_) => unreachable!("the cipher takes 256 GiB, more than a plaintext in memory has"),
        }
        Sealed(bytes)
    }

    /// Opens what [`seal`](Self::seal) made for the same place, with whichever key of the ring sealed it.
    ///
    /// # Errors
    /// See [`OpenError`]; bytes that are not a sealed value are never taken for a plaintext.
    pub fn open(
        &self,
        sealed: &Sealed,
        binding: RowBinding<'_>,
    ) -> Result<Secret<Vec<u8>>, OpenError> {
        let parts = sealed.decode()?;
        let key = self
            .sealing_key(parts.key_id)
            .ok_or(OpenError::UnknownKey)?;
        let payload = Payload {
            msg: parts.ciphertext,
            aad: &binding.associated_data(parts.header),
        };
        XChaCha20Poly1305::new(key.into())
            .decrypt(XNonce::from_slice(parts.nonce), payload)
            .map(Secret::new)
            .map_err(|_| OpenError::Tampered)
    }

    /// [`open`](Self::open) for a value that is text.
    ///
    /// # Errors
    /// As `open`, and [`OpenError::Malformed`] when the value is not UTF-8.
    pub fn open_text(
        &self,
        sealed: &Sealed,
        binding: RowBinding<'_>,
    ) -> Result<Secret<String>, OpenError> {
        let bytes = self.open(sealed, binding)?.into_exposed();
        String::from_utf8(bytes).map(Secret::new).map_err(|error| {
            drop(Secret::new(error.into_bytes()));
            OpenError::Malformed
        })
    }

    /// Whether the value opens with a previous key only and should be sealed again with the current one.
    ///
    /// # Errors
    /// [`OpenError::UnknownKey`] and [`OpenError::Malformed`]; the content is not looked at.
    pub fn needs_resealing(&self, sealed: &Sealed) -> Result<bool, OpenError> {
        let parts = sealed.decode()?;
        if self.sealing_key(parts.key_id).is_none() {
            return Err(OpenError::UnknownKey);
        }
        Ok(parts.key_id != self.current_sealing_key().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old encryption key of 32 bytes or more";
    const NEW: &str = "a new encryption key of 32 bytes or more";
    const NODE: RowBinding<'static> = RowBinding {
        table: "nodes",
        column: "token",
        row: b"row-1",
    };

    fn ring(current: &str, previous: &[&str]) -> KeyRing {
        KeyRing::new(current, previous).unwrap()
    }

    #[test]
    fn what_was_sealed_opens() {
        let ring = ring(NEW, &[]);
        for text in ["", "a token", "ünïcode"] {
            let sealed = ring.seal(text, NODE);
            assert_eq!(sealed.as_bytes().len(), text.len() + 49);
            assert_eq!(ring.open_text(&sealed, NODE).unwrap().expose(), text);
        }
        assert_ne!(ring.seal("same", NODE), ring.seal("same", NODE));
    }

    #[test]
    fn it_opens_in_its_own_row_only() {
        let ring = ring(NEW, &[]);
        let sealed = ring.seal("secret", NODE);
        let others = [
            RowBinding::new("users", "token", b"row-1"),
            RowBinding::new("nodes", "other", b"row-1"),
            RowBinding::new("nodes", "token", b"row-2"),
            RowBinding::new("nodest", "oken", b"row-1"),
        ];
        for other in others {
            assert_eq!(ring.open(&sealed, other).unwrap_err(), OpenError::Tampered);
        }
    }

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let ring = ring(NEW, &[]);
        let sealed = ring.seal("secret", NODE).into_bytes();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            let expected = match index {
                0 => OpenError::Malformed,
                1..=8 => OpenError::UnknownKey,
                _ => OpenError::Tampered,
            };
            assert_eq!(ring.open(&changed.into(), NODE).unwrap_err(), expected);
        }
    }

    #[test]
    fn plaintext_and_cut_off_values_are_malformed() {
        let ring = ring(NEW, &[]);
        let sealed = ring.seal("", NODE).into_bytes();
        for len in 0..sealed.len() {
            let cut = Sealed::from_bytes(sealed[..len].to_vec());
            assert_eq!(ring.open(&cut, NODE).unwrap_err(), OpenError::Malformed);
        }
        let plain =
            Sealed::from_bytes(b"a plain text that somebody put there, long enough".to_vec());
        assert_eq!(ring.open(&plain, NODE).unwrap_err(), OpenError::Malformed);
        let not_text = ring.seal([0xff_u8, 0xfe], NODE);
        assert_eq!(
            ring.open_text(&not_text, NODE).unwrap_err(),
            OpenError::Malformed
        );
    }

    #[test]
    fn rotation_keeps_old_values_readable_and_finds_them() {
        let sealed = ring(OLD, &[]).seal("secret", NODE);
        let rotated = ring(NEW, &[OLD]);
        assert_eq!(rotated.open_text(&sealed, NODE).unwrap().expose(), "secret");
        assert_eq!(rotated.needs_resealing(&sealed), Ok(true));
        assert_eq!(
            rotated.needs_resealing(&rotated.seal("secret", NODE)),
            Ok(false)
        );

        let forgotten = ring(NEW, &[]);
        assert_eq!(
            forgotten.open(&sealed, NODE).unwrap_err(),
            OpenError::UnknownKey
        );
        assert_eq!(
            forgotten.needs_resealing(&sealed),
            Err(OpenError::UnknownKey)
        );
    }

    #[test]
    fn debug_shows_the_length_only() {
        let sealed = Sealed::from_bytes(vec![7; 60]);
        assert_eq!(format!("{sealed:?}"), "Sealed(60 bytes)");
    }
}
