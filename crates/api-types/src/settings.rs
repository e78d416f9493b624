//! Settings of the panel: what everybody may know, and all of them for administrators.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// What everybody may know about this panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// The panel.
    pub app: AppInfo,
    /// The captcha that sign-in asks.
    pub captcha_provider: PublicCaptcha,
    /// Signing in with security keys.
    pub webauthn: WebauthnInfo,
    /// Limits of users.
    pub user: UserLimits,
    /// Limits of servers.
    pub server: ServerLimits,
    /// The next step of the setup; null when it is finished.
    pub oobe_step: Option<String>,
    /// Names of extensions that are off.
    pub disabled_extensions: Vec<String>,
    /// The panel's time.
    pub time: DateTime<Utc>,
}

/// The panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AppInfo {
    /// What people call it.
    pub name: String,
    /// Address of the panel.
    pub url: String,
    /// Address of its picture.
    pub icon: String,
    /// Its picture on a light ground.
    pub icon_light: Option<String>,
    /// Address of a wide picture.
    pub banner: Option<String>,
    /// The wide picture on a light ground.
    pub banner_light: Option<String>,
    /// Language of users who chose none.
    pub language: String,
    /// Whether people may make an account themselves.
    pub registration_enabled: bool,
    /// Whether the panel logs in detail.
    pub debug: bool,
}

/// Signing in with security keys.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebauthnInfo {
    /// Whether it is possible.
    pub enabled: bool,
    /// Whether it works without a username.
    pub allow_discoverable: bool,
}

/// Limits of users.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserLimits {
    /// Groups of servers of a user.
    pub max_server_group_count: i64,
    /// API keys of a user.
    pub max_api_key_count: i64,
    /// Saved commands of a user.
    pub max_command_snippet_count: i64,
    /// Security keys of a user.
    pub max_security_key_count: i64,
    /// SSH keys of a user.
    pub max_ssh_key_count: i64,
    /// Whether users choose their language.
    pub allow_changing_language: bool,
    /// Order of the pages of the account.
    pub route_order: Option<Vec<Value>>,
}

/// Limits of servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerLimits {
    /// Bytes of a file that the editor opens.
    pub max_file_manager_view_size: i64,
    /// Bytes of a file that a search looks into.
    pub max_file_manager_content_search_size: i64,
    /// Results of a search for files.
    pub max_file_manager_search_results: i64,
    /// Subusers of a server.
    pub max_subuser_count: i64,
    /// Steps of a schedule.
    pub max_schedule_step_count: i64,
    /// Backup groups of a server.
    pub max_backup_group_count: i64,
    /// Databases of a database instance.
    pub max_database_instance_database_count: i64,
    /// Users of a database instance.
    pub max_database_instance_user_count: i64,
    /// Whether an owner may replace an image an administrator chose.
    pub allow_overwriting_custom_docker_image: bool,
    /// Whether an owner may use a server whose installation failed.
    pub allow_acknowledging_installation_failure: bool,
    /// What the console prints before the daemon's own lines.
    pub container_prelude: String,
}

/// Languages of the interface.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Languages {
    /// Language codes.
    pub languages: Vec<String>,
}

/// All settings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminSettingsBody {
    /// The settings.
    pub settings: AdminSettings,
}

/// All settings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminSettings {
    /// Identifier in reports of use; null when none are sent.
    pub telemetry_uuid: Option<Uuid>,
    /// When reports of use are sent.
    pub telemetry_cron_schedule: Option<String>,
    /// The next step of the setup; null when it is finished.
    pub oobe_step: Option<String>,
    /// Where uploaded pictures are kept.
    pub storage_driver: Value,
    /// How e-mail is sent.
    pub mail_mode: Value,
    /// The captcha that sign-in asks.
    pub captcha_provider: Value,
    /// The panel.
    pub app: AdminAppSettings,
    /// Signing in with security keys.
    pub webauthn: AdminWebauthnSettings,
    /// Limits of servers.
    pub server: AdminServerSettings,
    /// Limits of users.
    pub user: UserLimits,
    /// How long activity is kept.
    pub activity: ActivitySettings,
    /// How many requests are answered, by kind.
    pub ratelimits: IndexMap<String, RateLimit>,
}

/// The panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminAppSettings {
    /// What people call it.
    pub name: String,
    /// Address of its picture.
    pub icon: String,
    /// Its picture on a light ground.
    pub icon_light: Option<String>,
    /// Address of a wide picture.
    pub banner: Option<String>,
    /// The wide picture on a light ground.
    pub banner_light: Option<String>,
    /// Address of the panel.
    pub url: String,
    /// Language of users who chose none.
    pub language: String,
    /// Who needs a second factor.
    pub two_factor_requirement: TwoFactorRequirement,
    /// Name of the session's cookie.
    pub session_cookie: String,
    /// Seconds after which an unused session ends.
    pub session_duration_seconds: i64,
    /// Whether reports of use are sent.
    pub telemetry_enabled: bool,
    /// Whether people may make an account themselves.
    pub registration_enabled: bool,
}

/// Who needs a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TwoFactorRequirement {
    /// Administrators.
    Admins,
    /// Everybody.
    AllUsers,
    /// Nobody.
    None,
}

/// Signing in with security keys.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminWebauthnSettings {
    /// Whether it is possible.
    pub enabled: bool,
    /// Whether it works without a username.
    pub allow_discoverable: bool,
    /// Domain that keys are bound to.
    pub rp_id: String,
    /// Address that keys are bound to.
    pub rp_origin: String,
    /// Seconds to answer at sign-in.
    pub authentication_timeout_seconds: i64,
    /// Seconds to answer when a key is added.
    pub registration_timeout_seconds: i64,
}

/// Limits of servers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminServerSettings {
    /// Bytes of a file that the editor opens.
    pub max_file_manager_view_size: i64,
    /// Bytes of a file that a search looks into.
    pub max_file_manager_content_search_size: i64,
    /// Results of a search for files.
    pub max_file_manager_search_results: i64,
    /// Subusers of a server.
    pub max_subuser_count: i64,
    /// Steps of a schedule.
    pub max_schedule_step_count: i64,
    /// Backup groups of a server.
    pub max_backup_group_count: i64,
    /// Databases of a database instance.
    pub max_database_instance_database_count: i64,
    /// Users of a database instance.
    pub max_database_instance_user_count: i64,
    /// Whether an owner may replace an image an administrator chose.
    pub allow_overwriting_custom_docker_image: bool,
    /// Whether owners read the log of the installation.
    pub allow_viewing_installation_logs: bool,
    /// Whether an owner may use a server whose installation failed.
    pub allow_acknowledging_installation_failure: bool,
    /// Whether owners see how far a move is.
    pub allow_viewing_transfer_progress: bool,
    /// What the console prints before the daemon's own lines.
    pub container_prelude: String,
}

/// How long activity is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActivitySettings {
    /// Days for the administration's.
    pub admin_log_retention_days: i32,
    /// Entries of the administration's; no limit when null.
    pub admin_log_retention_count: Option<i64>,
    /// Days for users'.
    pub user_log_retention_days: i32,
    /// Entries of each user's; no limit when null.
    pub user_log_retention_count: Option<i64>,
    /// Days for servers'.
    pub server_log_retention_days: i32,
    /// Entries of each server's; no limit when null.
    pub server_log_retention_count: Option<i64>,
    /// Whether what administrators do is in the server's log.
    pub server_log_admin_activity: bool,
    /// Whether what schedules do is in the server's log.
    pub server_log_schedule_activity: bool,
}

/// Changes of the settings; what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// How many requests are answered, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<IndexMap<String, RateLimit>>)]
    pub ratelimits: Option<IndexMap<String, Option<RateLimit>>>,
}

/// How many requests are answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RateLimit {
    /// Requests in a window.
    pub hits: u32,
    /// Length of the window.
    pub window_seconds: u32,
}

/// The captcha that sign-in asks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PublicCaptcha {
    /// None.
    None,
    /// Cloudflare Turnstile.
    Turnstile {
        /// The site's public key.
        site_key: String,
    },
    /// Google reCAPTCHA.
    Recaptcha {
        /// The site's public key.
        site_key: String,
        /// Whether it is version 3.
        v3: bool,
    },
    /// hCaptcha.
    Hcaptcha {
        /// The site's public key.
        site_key: String,
    },
    /// Friendly Captcha.
    FriendlyCaptcha {
        /// The site's public key.
        site_key: String,
    },
}
