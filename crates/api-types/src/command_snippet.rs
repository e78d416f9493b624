//! Console commands that users keep under a name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;

/// A console command under a name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CommandSnippet {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// The eggs whose servers it is for.
    pub eggs: Vec<Uuid>,
    /// Whether it is for servers of every egg. Without, and without eggs, it is for none: those it was for are gone.
    pub all_eggs: bool,
    /// What is sent to the console.
    pub command: String,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new snippet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCommandSnippet {
    /// What people call it, unique among the user's snippets.
    pub name: String,
    /// The eggs whose servers it is for; all when empty.
    pub eggs: Vec<Uuid>,
    /// What is sent to the console: one line.
    pub command: String,
}

/// Changes of a snippet; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCommandSnippet {
    /// What people call it, unique among the user's snippets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The eggs whose servers it is for; all when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eggs: Option<Vec<Uuid>>,
    /// What is sent to the console: one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What a copy of a snippet is to be called.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateCommandSnippet {
    /// What people call it, unique among the user's snippets.
    pub name: String,
}

/// One snippet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CommandSnippetBody {
    /// The snippet.
    pub command_snippet: CommandSnippet,
}

/// A page of snippets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CommandSnippets {
    /// The snippets.
    pub command_snippets: Page<CommandSnippet>,
}

/// The snippets for servers of an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggCommandSnippets {
    /// All of them, by name.
    pub command_snippets: Vec<CommandSnippet>,
}
