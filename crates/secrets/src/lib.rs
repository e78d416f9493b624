//! Everything that must stay secret, and how it is kept so.
//!
//! * [`KeyRing`] seals values for storage and derives keys for other uses from the operator's encryption key.
//! * [`PasswordHasher`] hashes passwords with Argon2id inside a bounded pool.
//! * [`Token`] and [`NodeToken`] are the credentials the panel hands out; only [`TokenHash`]es of the former are stored.
//! * [`TotpSecret`] and [`RecoveryCode`] are second factors.
//! * [`Secret`] holds a value that must not reach a log.
//!
//! The crate knows no database and no web framework.

mod keyring;
mod password;
mod random;
mod seal;
mod secret;
mod token;
mod totp;

pub use keyring::{KeyRing, KeyRingError, Purpose};
pub use password::{HashingLimits, PasswordError, PasswordHasher};
pub use random::{random_alphanumeric, random_bytes};
pub use seal::{OpenError, RowBinding, Sealed};
pub use secret::{Secret, constant_time_eq};
pub use token::{
    ApiKey, ApiKeyKind, NodeToken, OneTimeKind, OneTimeToken, SessionKind, SessionToken, SetupKind,
    SetupToken, Token, TokenError, TokenHash, TokenKind,
};
pub use totp::{RecoveryCode, TotpError, TotpSecret};
