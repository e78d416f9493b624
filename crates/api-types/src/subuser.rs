//! Subusers: users who may do some things with a server they do not own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::page::Page;
use crate::user::User;

/// A user with access to a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Subuser {
    /// The user.
    pub user: User,
    /// Permission keys, such as `control.start`.
    pub permissions: Vec<String>,
    /// Patterns (as in a gitignore file) of files that are hidden.
    pub ignored_files: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// Access for a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSubuser {
    /// E-mail address, unique.
    pub email: String,
    /// Permission keys, such as `control.start`.
    pub permissions: Vec<String>,
    /// Patterns (as in a gitignore file) of files that are hidden.
    #[serde(default)]
    pub ignored_files: Vec<String>,
    /// Answer to the captcha, where one is asked.
    pub captcha: Option<String>,
}

/// Changes of a user's access; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSubuser {
    /// Permission keys, such as `control.start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// Patterns (as in a gitignore file) of files that are hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored_files: Option<Vec<String>>,
}

/// One subuser.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubuserBody {
    /// The subuser.
    pub subuser: Subuser,
}

/// A page of subusers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Subusers {
    /// The subusers.
    pub subusers: Page<Subuser>,
}
