//! Activity logs: who did what when.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::page::Page;
use crate::user::User;

/// Something a user did with their account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserActivity {
    /// The administrator who acted as the user.
    pub impersonator: Option<User>,
    /// What happened, such as `server:power.start`.
    pub event: String,
    /// Address it was done from.
    pub ip: Option<String>,
    /// Details of the event; its fields depend on it.
    pub data: Value,
    /// Whether a program did it, with an API key.
    pub is_api: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A page of a user's activity.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserActivities {
    /// The entries, newest first.
    pub activities: Page<UserActivity>,
}

/// Something done in the administration.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminActivity {
    /// Who did it.
    pub user: Option<User>,
    /// The administrator who acted as the user.
    pub impersonator: Option<User>,
    /// What happened, such as `server:power.start`.
    pub event: String,
    /// Address it was done from.
    pub ip: Option<String>,
    /// Details of the event; its fields depend on it.
    pub data: Value,
    /// Whether a program did it, with an API key.
    pub is_api: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A page of the administration's activity.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminActivities {
    /// The entries, newest first.
    pub activities: Page<AdminActivity>,
}

/// Something done with a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerActivity {
    /// Who did it.
    pub user: Option<User>,
    /// The administrator who acted as the user.
    pub impersonator: Option<User>,
    /// What happened, such as `server:power.start`.
    pub event: String,
    /// Address it was done from.
    pub ip: Option<String>,
    /// Details of the event; its fields depend on it.
    pub data: Value,
    /// Whether a program did it, with an API key.
    pub is_api: bool,
    /// Whether a schedule did it.
    pub is_schedule: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A page of a server's activity.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerActivities {
    /// The entries, newest first.
    pub activities: Page<ServerActivity>,
}

/// Which part of a server's log is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServerActivityQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of an event's name.
    pub search: Option<String>,
    /// Only what this user did.
    pub user: Option<Uuid>,
}

/// Which part of the administration's log is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AdminActivityQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of an event's name.
    pub search: Option<String>,
    /// Only what this user did.
    pub user: Option<Uuid>,
}
