//! The own account: profile, password, API keys, sessions, activity.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;
use crate::user::{FullUser, ToastPosition};

/// The signed-in user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// The user.
    pub user: FullUser,
}

/// Changes of the own profile; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    /// Sign-in name, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_first: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_last: Option<String>,
    /// Language code of the interface, such as `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where the interface shows notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toast_position: Option<ToastPosition>,
    /// Whether the server list opens on the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_on_grouped_servers: Option<bool>,
}

/// A new password.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The current password.
    pub password: String,
    /// The new one.
    pub new_password: String,
}

/// What an authenticator has to be told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TwoFactorSetup {
    /// Address with the secret in it, shown as a QR code.
    pub otp_url: String,
    /// The secret in base 32, to be typed.
    pub secret: String,
}

/// The proof that an authenticator was set up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnableTwoFactor {
    #[schema(min_length = 6, max_length = 6)]
    /// What the authenticator shows.
    pub code: String,
    #[schema(max_length = 512)]
    /// The current password.
    pub password: String,
}

/// The proof of who wants no second factor any more.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableTwoFactor {
    #[schema(min_length = 6, max_length = 10)]
    /// The code of the authenticator, or a recovery code.
    pub code: String,
    #[schema(max_length = 512)]
    /// The current password.
    pub password: String,
}

/// Codes that stand in for a lost authenticator, each once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them. They are not shown again.
    pub recovery_codes: Vec<String>,
}

/// A new e-mail address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// E-mail address, unique.
    pub email: String,
    /// The current password.
    pub password: String,
}

/// A key for programs; its secret half is shown only once, when it is made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// The first characters of the key, which are no secret.
    pub key_start: String,
    /// Networks that may use it; all when empty.
    pub allowed_ips: Vec<String>,
    /// Permissions on the own account, by key.
    pub user_permissions: Vec<String>,
    /// Permissions on servers, by key.
    pub server_permissions: Vec<String>,
    /// Permissions on the administration, by key.
    pub admin_permissions: Vec<String>,
    /// When it was last used.
    pub last_used: Option<DateTime<Utc>>,
    /// When it stops working; never when null.
    pub expires: Option<DateTime<Utc>>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new API key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What people call it.
    pub name: String,
    /// Networks that may use it; all when empty.
    pub allowed_ips: Vec<String>,
    /// Permissions on the own account, by key.
    pub user_permissions: Vec<String>,
    /// Permissions on servers, by key.
    pub server_permissions: Vec<String>,
    /// Permissions on the administration, by key.
    pub admin_permissions: Vec<String>,
    /// When it stops working; never when null.
    pub expires: Option<DateTime<Utc>>,
}

/// Changes of an API key; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateApiKey {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Networks that may use it; all when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_ips: Option<Vec<String>>,
    /// Permissions on the own account, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_permissions: Option<Vec<String>>,
    /// Permissions on servers, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_permissions: Option<Vec<String>>,
    /// Permissions on the administration, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_permissions: Option<Vec<String>>,
    /// When it stops working; never when null.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub expires: Option<Option<DateTime<Utc>>>,
}

/// A new API key with its secret, which cannot be read again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedApiKey {
    /// The key as it is listed.
    pub api_key: ApiKey,
    /// The whole key.
    pub key: String,
}

/// The new secret of an API key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecreatedApiKey {
    /// The whole key.
    pub key: String,
}

/// One API key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyBody {
    /// The key.
    pub api_key: ApiKey,
}

/// A page of API keys.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiKeys {
    /// The keys.
    pub api_keys: Page<ApiKey>,
}

/// A sign-in of the user in a browser.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Identifier.
    pub uuid: Uuid,
    /// Address it was last used from.
    pub ip: String,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub is_using: bool,
    /// When it was last used.
    pub last_used: DateTime<Utc>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A page of sessions.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sessions {
    /// The sessions.
    pub sessions: Page<Session>,
}

/// How many sessions were ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct DeletedSessions {
    /// Their number.
    pub deleted: i64,
}
