//! Users, as others, they themselves, and administrators see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::page::Page;
use crate::role::Role;

/// A user as other users see them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Identifier.
    pub uuid: Uuid,
    /// Sign-in name, unique.
    pub username: String,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// Whether a second factor is asked at sign-in.
    pub totp_enabled: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A user as they see themselves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FullUser {
    /// Identifier.
    pub uuid: Uuid,
    /// Sign-in name, unique.
    pub username: String,
    /// The role, when there is one.
    pub role: Option<Role>,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// E-mail address, unique.
    pub email: String,
    /// First name.
    pub name_first: String,
    /// Last name.
    pub name_last: String,
    /// Whether everything is allowed.
    pub admin: bool,
    /// Whether the profile may not be changed by its owner.
    pub frozen: bool,
    /// Whether use is blocked.
    pub suspended: bool,
    /// Whether a second factor is asked at sign-in.
    pub totp_enabled: bool,
    /// When the second factor was last used.
    pub totp_last_used: Option<DateTime<Utc>>,
    /// Whether a second factor is demanded.
    pub require_two_factor: bool,
    /// Language code of the interface, such as `en`.
    pub language: String,
    /// Where the interface shows notices.
    pub toast_position: ToastPosition,
    /// Whether the server list opens on the groups.
    pub start_on_grouped_servers: bool,
    /// Whether signing in with a password is possible.
    pub has_password: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A user as administrators see them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminUser {
    /// Identifier.
    pub uuid: Uuid,
    /// Identifier in another system, such as a billing system.
    pub external_id: Option<String>,
    /// Sign-in name, unique.
    pub username: String,
    /// The role, when there is one.
    pub role: Option<Role>,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// E-mail address, unique.
    pub email: String,
    /// First name.
    pub name_first: String,
    /// Last name.
    pub name_last: String,
    /// Whether everything is allowed.
    pub admin: bool,
    /// Whether the profile may not be changed by its owner.
    pub frozen: bool,
    /// Whether use is blocked.
    pub suspended: bool,
    /// Whether a second factor is asked at sign-in.
    pub totp_enabled: bool,
    /// When the second factor was last used.
    pub totp_last_used: Option<DateTime<Utc>>,
    /// Whether a second factor is demanded.
    pub require_two_factor: bool,
    /// Language code of the interface, such as `en`.
    pub language: String,
    /// Where the interface shows notices.
    pub toast_position: ToastPosition,
    /// Whether the server list opens on the groups.
    pub start_on_grouped_servers: bool,
    /// Whether signing in with a password is possible.
    pub has_password: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// Where the interface shows notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToastPosition {
    /// At the top on the left.
    TopLeft,
    /// At the top in the middle.
    TopCenter,
    /// At the top on the right.
    TopRight,
    /// At the bottom on the left.
    BottomLeft,
    /// At the bottom in the middle.
    BottomCenter,
    /// At the bottom on the right.
    BottomRight,
}

/// A new user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Identifier in another system, such as a billing system.
    pub external_id: Option<String>,
    /// The role.
    pub role_uuid: Option<Uuid>,
    /// Sign-in name, unique.
    pub username: String,
    /// E-mail address, unique.
    pub email: String,
    /// First name.
    pub name_first: String,
    /// Last name.
    pub name_last: String,
    #[schema(min_length = 1, max_length = 512)]
    /// The password; without one the user cannot sign in with a password yet.
    pub password: Option<String>,
    /// Whether everything is allowed.
    pub admin: bool,
    /// Whether the profile may not be changed by its owner.
    #[serde(default)]
    pub frozen: bool,
    /// Whether use is blocked.
    #[serde(default)]
    pub suspended: bool,
    /// Language code of the interface, such as `en`.
    pub language: String,
    /// Whether the user is told by e-mail.
    #[serde(default)]
    pub send_email: bool,
}

/// Changes of a user; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// Identifier in another system, such as a billing system.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Option<String>>,
    /// The role.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub role_uuid: Option<Option<Uuid>>,
    /// Sign-in name, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// E-mail address, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_first: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_last: Option<String>,
    /// A new password; null takes the password away.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub password: Option<Option<String>>,
    /// Whether everything is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// Whether the profile may not be changed by its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<bool>,
    /// Whether use is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
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

/// One user, as administrators see them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserBody {
    /// The user.
    pub user: AdminUser,
}

/// A page of users.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Users {
    /// The users.
    pub users: Page<AdminUser>,
}

impl ToastPosition {
    /// The position of this name; the usual one where the name is not known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "top_left" => Self::TopLeft,
            "top_center" => Self::TopCenter,
            "bottom_left" => Self::BottomLeft,
            "bottom_center" => Self::BottomCenter,
            "bottom_right" => Self::BottomRight,
            _ => Self::TopRight,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TopLeft => "top_left",
            Self::TopCenter => "top_center",
            Self::TopRight => "top_right",
            Self::BottomLeft => "bottom_left",
            Self::BottomCenter => "bottom_center",
            Self::BottomRight => "bottom_right",
        }
    }
}

/// Which of a user's servers are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserServersQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of a server's name.
    pub search: Option<String>,
    /// Only those that the user owns, not those of others that they may use.
    #[serde(default)]
    pub owned: bool,
}
