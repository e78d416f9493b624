//! Second factors: codes of an authenticator (RFC 6238) and codes for when it is lost.

use std::fmt;

use totp_rs::{Algorithm, TOTP};

use crate::random::random_bytes;
use crate::secret::{Secret, constant_time_eq};

/// What every authenticator app can do: SHA-1, six digits, a new code each half minute.
const DIGITS: usize = 6;
const STEP_SECONDS: u64 = 30;
/// By how many steps the clock of a phone may differ.
const SKEW: u8 = 1;
/// As long as the hash, as RFC 4226 wants it.
const SECRET_BYTES: usize = 20;

const RECOVERY_CHARS: usize = 10;
/// Nothing that is taken for something else on paper. 32 characters, so that a byte gives each equally often.
const RECOVERY_ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";

/// What an authenticator and the panel share.
pub struct TotpSecret(Secret<Vec<u8>>);

/// The secret is too short, or the names cannot stand in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no secret of an authenticator")]
pub struct TotpError;

impl TotpSecret {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(Secret::new(random_bytes::<SECRET_BYTES>().to_vec()))
    }

    /// One that was kept.
    #[must_use]
    pub const fn from_bytes(bytes: Secret<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// The secret as people type it, and the `otpauth` address that they scan.
    ///
    /// # Errors
    /// [`TotpError`] when it is too short.
    pub fn to_text(&self, issuer: &str, account: &str) -> Result<(String, String), TotpError> {
        // A colon separates the two in the address.
        let name = |text: &str| text.replace(':', " ");
        let totp = self.totp(Some(name(issuer)), name(account))?;
        Ok((totp.get_secret_base32(), totp.get_url()))
    }

    /// The step that `code` belongs to, if it is the code of about `now` (seconds since 1970) and of a later step than `after`.
    ///
    /// # Errors
    /// [`TotpError`] when the secret is too short.
    pub fn step_of(
        &self,
        code: &str,
        now: i64,
        after: Option<i64>,
    ) -> Result<Option<i64>, TotpError> {
        let totp = self.totp(None, String::new())?;
        let current = u64::try_from(now).map_err(|_| TotpError)? / STEP_SECONDS;
        let first = current.saturating_sub(SKEW.into());
        let mut found = None;
        for step in first..=current + u64::from(SKEW) {
            let expected = totp.generate(step * STEP_SECONDS);
            let step = i64::try_from(step).map_err(|_| TotpError)?;
            if constant_time_eq(expected.as_bytes(), code.as_bytes())
                && after.is_none_or(|after| step > after)
            {
                found = Some(step);
            }
        }
        Ok(found)
    }

    fn totp(&self, issuer: Option<String>, account: String) -> Result<TOTP, TotpError> {
        TOTP::new(
            Algorithm::SHA1,
            DIGITS,
            SKEW,
            STEP_SECONDS,
            self.0.expose().clone(),
            issuer,
            account,
        )
        .map_err(|_| TotpError)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TotpSecret(..)")
    }
}

/// A code that is good for one sign-in when the authenticator is lost: ten letters and digits, 50 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let text = random_bytes::<RECOVERY_CHARS>()
            .map(|byte| char::from(RECOVERY_ALPHABET[usize::from(byte % 32)]));
        Self(text.iter().collect())
    }

    /// What somebody typed, if it can be a code. Case, spaces and hyphens do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '-')
            .map(|character| character.to_ascii_lowercase())
            .collect();
        let known = text.bytes().all(|byte| RECOVERY_ALPHABET.contains(&byte));
        (text.len() == RECOVERY_CHARS && known).then_some(Self(text))
    }

    /// Its text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecoveryCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_rfc() -> TotpSecret {
        TotpSecret::from_bytes(Secret::new(b"12345678901234567890".to_vec()))
    }

    /// What an authenticator shows.
    fn code_at(now: u64) -> String {
        of_rfc().totp(None, String::new()).unwrap().generate(now)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // The last six of the eight digits in its appendix B.
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(code_at(now), code);
            let now = i64::try_from(now).unwrap();
            let step = of_rfc().step_of(code, now, None).unwrap();
            assert_eq!(step, Some(now / 30));
        }
    }

    #[test]
    fn a_code_is_good_for_a_step_before_and_after_its_own() {
        let code = code_at(3_000);
        for (now, found) in [
            (2_940, None),
            (2_970, Some(100)),
            (3_059, Some(100)),
            (3_060, None),
        ] {
            assert_eq!(of_rfc().step_of(&code, now, None).unwrap(), found, "{now}");
        }
        assert_eq!(of_rfc().step_of("000000", 3_000, None).unwrap(), None);
        assert_eq!(of_rfc().step_of("", 3_000, None).unwrap(), None);
    }

    #[test]
    fn a_step_that_was_used_and_those_before_it_are_over() {
        let code = code_at(3_000);
        assert_eq!(of_rfc().step_of(&code, 3_000, Some(99)).unwrap(), Some(100));
        assert_eq!(of_rfc().step_of(&code, 3_000, Some(100)).unwrap(), None);
    }

    #[test]
    fn the_address_names_both() {
        let (secret, url) = of_rfc().to_text("My: panel", "me@example.com").unwrap();
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(
            url.starts_with("otpauth://totp/My%20%20panel:me%40example.com?"),
            "{url}"
        );
        assert!(url.contains(&format!("secret={secret}")), "{url}");
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let code = RecoveryCode::generate();
        let (first, second) = code.expose().split_at(5);
        let typed = format!(" {}-{second} ", first.to_uppercase());
        assert_eq!(RecoveryCode::parse(&typed), Some(code));
        assert_eq!(RecoveryCode::parse("123456"), None);
        assert_eq!(RecoveryCode::parse("abcdefghij-"), None, "i is not in them");
    }
}
