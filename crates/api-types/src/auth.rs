//! Signing in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::user::{FullUser, User};

/// A sign-in with a password.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Username or e-mail address.
    pub user: String,
    #[schema(max_length = 512)]
    /// The password.
    pub password: String,
    /// Answer to the captcha, where one is asked.
    pub captcha: Option<String>,
}

/// The second step of a sign-in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    #[schema(min_length = 6, max_length = 10)]
    /// The code of the authenticator, or a recovery code.
    pub code: String,
    /// What the first step gave.
    pub confirmation_token: String,
}

/// The answer to a sign-in whose password was right.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LoginResult {
    /// Signed in: the answer carries the session's cookie.
    Completed {
        /// The user.
        user: Box<FullUser>,
    },
    /// The second factor is asked for next.
    TwoFactorRequired {
        /// The user.
        user: User,
        /// What to send with the second factor.
        token: String,
    },
}
