//! Announcements, shown to everybody they concern.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A notice on every page.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Announcement {
    /// Identifier.
    pub uuid: Uuid,
    /// How it is shown.
    pub r#type: AnnouncementType,
    /// Title.
    pub title: String,
    /// The title by language code.
    pub title_translations: IndexMap<String, String>,
    /// Text, in Markdown.
    pub content: String,
    /// The text by language code.
    pub content_translations: IndexMap<String, String>,
    /// Whether a user can hide it.
    pub dismissible: bool,
    /// Until when hiding it lasts.
    pub dismissible_end: Option<DateTime<Utc>>,
}

/// How an announcement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementType {
    /// A remark.
    Info,
    /// Good news.
    Success,
    /// A warning.
    Warning,
    /// A disturbance.
    Error,
}

/// The announcements to show now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Announcements {
    /// The announcements.
    pub announcements: Vec<Announcement>,
}
