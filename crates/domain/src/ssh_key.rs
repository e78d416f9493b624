//! Public keys for SFTP: which are accepted, and where people publish theirs.

use serde::{Deserialize, Serialize};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey};

use crate::validate::Invalid;

/// The longest line a key may be given as. One of RSA with 16384 bits has less than 3000 characters.
pub const MAX_LINE_BYTES: usize = 8 * 1024;

/// The sizes of RSA keys: smaller ones can be broken, and checking a larger one costs a node too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=16_384;

/// Why a line is no key that somebody may sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than any key.
    #[error("must have at most {MAX_LINE_BYTES} bytes")]
    TooLong,
    /// Not a line of an `authorized_keys` or `.pub` file.
    #[error("must be a public key as in a .pub file, like \"ssh-ed25519 AAAA..\"")]
    Unreadable,
    /// DSA, certificates, and whatever else nodes do not accept.
    #[error("must be a key of Ed25519, ECDSA or RSA, also of a security key")]
    Algorithm,
    /// An RSA key of another size.
    #[error("must have 2048 to 16384 bits if it is an RSA key")]
    RsaSize,
}

/// A key that somebody may sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshPublicKey {
    fingerprint: String,
    bytes: Vec<u8>,
}

impl SshPublicKey {
    /// Reads a line as in `authorized_keys`, without options; what follows the key is left out.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn parse(line: &str) -> Result<Self, Refused> {
        if line.len() > MAX_LINE_BYTES {
            return Err(Refused::TooLong);
        }
        let mut words = line.split_whitespace();
        let (Some(algorithm), Some(data)) = (words.next(), words.next()) else {
            return Err(Refused::Unreadable);
        };
        let key = PublicKey::from_openssh(&format!("{algorithm} {data}"))
            .map_err(|_| Refused::Unreadable)?;
        match key.key_data() {
            KeyData::Ed25519(_)
            | KeyData::Ecdsa(_)
            | KeyData::SkEd25519(_)
            | KeyData::SkEcdsaSha2NistP256(_) => {}
            KeyData::Rsa(rsa) => {
                let modulus = rsa.n.as_positive_bytes().ok_or(Refused::Unreadable)?;
                if !RSA_BITS.contains(&bits(modulus)) {
                    return Err(Refused::RsaSize);
                }
            }
            _ => return Err(Refused::Algorithm),
        }
        Ok(Self {
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            bytes: key.to_bytes().map_err(|_| Refused::Unreadable)?,
        })
    }

    /// `SHA256:` and the hash of the key, as `ssh-keygen -l` shows it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The key as SSH sends it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// How many bits a number has.
fn bits(number: &[u8]) -> usize {
    let digits = number.iter().position(|byte| *byte != 0);
    digits.map_or(0, |zeros| {
        let leading = number[zeros].leading_zeros() as usize;
        (number.len() - zeros) * 8 - leading
    })
}

/// A site where people publish their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SshKeyProvider {
    /// github.com.
    Github,
    /// gitlab.com.
    Gitlab,
    /// launchpad.net.
    Launchpad,
}

impl SshKeyProvider {
    /// Its name in the API and in names of keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Launchpad => "launchpad",
        }
    }

    /// Where the site has the keys of somebody whose name [`check_username`] accepts.
    #[must_use]
    pub fn path(self, username: &str) -> String {
        match self {
            Self::Github | Self::Gitlab => format!("{username}.keys"),
            Self::Launchpad => format!("~{username}/+sshkeys"),
        }
    }
}

/// Notes what is wrong with somebody's name at a provider. It becomes part of an address, so nothing in it may mean more than
/// a name.
pub fn check_username(username: &str, invalid: &mut Invalid) {
    invalid.name("username", username, 3..=31);
    let plain = username
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    invalid.require(
        plain && !username.starts_with('.'),
        "username",
        "must have only letters, digits and - _ . +, and not begin with a dot",
    );
}

/// The name of an imported key: what `n`-th of this person at this provider.
#[must_use]
pub fn imported_name(provider: SshKeyProvider, username: &str, n: usize) -> String {
    // 18 characters leave room for the longest provider and two digits.
    let username: String = username.chars().take(18).collect();
    format!("{username} {} {n}", provider.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

    /// `ssh-rsa` with a modulus of so many bits; the line is made here, as no test needs the key to be a real one.
    fn rsa(bits: usize) -> String {
        let mut modulus = vec![0xab; bits / 8];
        modulus.insert(0, 0);
        blob(&[b"ssh-rsa", &[1, 0, 1], &modulus])
    }

    fn blob(parts: &[&[u8]]) -> String {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(part);
        }
        let name = std::str::from_utf8(parts[0]).unwrap();
        format!("{name} {}", base64(&bytes))
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let at = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
            let word = at(0) << 16 | at(1) << 8 | at(2);
            for digit in 0..4 {
                if digit <= chunk.len() {
                    let six = (word >> (18 - 6 * digit)) & 63;
                    text.push(char::from(DIGITS[six as usize]));
                } else {
                    text.push('=');
                }
            }
        }
        text
    }

    #[test]
    fn a_key_is_known_by_its_content() {
        let key = SshPublicKey::parse(ED25519).unwrap();
        assert!(key.fingerprint().starts_with("SHA256:"));
        assert_eq!(key.fingerprint().len(), 50);
        assert_eq!(key.as_bytes().len(), 51);
        let said = format!("  {ED25519} me@example.com at home\r\n");
        assert_eq!(SshPublicKey::parse(&said).unwrap(), key);
    }

    #[test]
    fn weak_and_unknown_keys_are_refused() {
        let refused = |line: &str| SshPublicKey::parse(line).unwrap_err();
        for nothing in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert_eq!(refused(nothing), Refused::Unreadable, "{nothing}");
        }
        let other_name = ED25519.replacen("ssh-ed25519", "ssh-rsa", 1);
        assert_eq!(refused(&other_name), Refused::Unreadable);
        let dsa = blob(&[b"ssh-dss", &[5], &[5], &[5], &[5]]);
        assert_eq!(refused(&dsa), Refused::Algorithm);
        assert_eq!(refused(&rsa(1024)), Refused::RsaSize);
        assert_eq!(refused(&rsa(2040)), Refused::RsaSize);
        assert!(SshPublicKey::parse(&rsa(2048)).is_ok());
        assert!(SshPublicKey::parse(&rsa(4096)).is_ok());
        assert_eq!(refused(&"a".repeat(MAX_LINE_BYTES + 1)), Refused::TooLong);
    }

    #[test]
    fn names_at_providers_are_only_names() {
        let fits = |name: &str| {
            let mut invalid = Invalid::new();
            check_username(name, &mut invalid);
            invalid.is_empty()
        };
        assert!(fits("octo-cat") && fits("a.b_c+d"));
        for name in [
            "ab",
            "a/b",
            "../x",
            "a?b",
            "a#b",
            "a b",
            "ä-ä",
            "%2e%2e",
            &"a".repeat(32),
        ] {
            assert!(!fits(name), "{name}");
        }
        let long = imported_name(SshKeyProvider::Launchpad, &"a".repeat(31), 50);
        assert_eq!(long.chars().count(), 31);
        assert_eq!(SshKeyProvider::Launchpad.path("me"), "~me/+sshkeys");
    }
}
