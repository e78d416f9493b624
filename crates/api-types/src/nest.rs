//! Nests: groups of eggs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::egg::AdminEgg;
use crate::page::Page;

/// A group of eggs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Nest {
    /// Identifier.
    pub uuid: Uuid,
    /// Who wrote it, usually an e-mail address.
    pub author: String,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new nest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateNest {
    /// Who wrote it, usually an e-mail address.
    pub author: String,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
}

/// Changes of a nest; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateNest {
    /// Who wrote it, usually an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text about it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
}

/// How a nest is deleted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteNest {
    /// Whether its eggs are deleted with it.
    #[serde(default)]
    pub delete_eggs: bool,
}

/// One nest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NestBody {
    /// The nest.
    pub nest: Nest,
}

/// A page of nests.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Nests {
    /// The nests.
    pub nests: Page<Nest>,
}

/// All nests with their eggs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NestsWithEggs {
    /// The nests.
    pub nests: Vec<NestWithEggs>,
}

/// A nest with its eggs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NestWithEggs {
    /// The nest.
    pub nest: Nest,
    /// Its eggs, by name.
    pub eggs: Vec<AdminEgg>,
}
