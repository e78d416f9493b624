//! Locations: places that group nodes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::backup_configuration::BackupConfiguration;
use crate::page::Page;

/// A place that groups nodes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Location {
    /// Identifier.
    pub uuid: Uuid,
    /// Always null: see `backup_configuration_uuid`.
    pub backup_configuration: Option<BackupConfiguration>,
    /// Where its backups go, when set here.
    pub backup_configuration_uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Country code for a flag.
    pub flag: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new location.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLocation {
    /// Where its backups go; inherited when null.
    pub backup_configuration_uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Country code for a flag.
    pub flag: Option<String>,
}

/// Changes of a location; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateLocation {
    /// Where its backups go; inherited when null.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub backup_configuration_uuid: Option<Option<Uuid>>,
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
    /// Country code for a flag.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub flag: Option<Option<String>>,
}

/// One location.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LocationBody {
    /// The location.
    pub location: Location,
}

/// A page of locations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Locations {
    /// The locations.
    pub locations: Page<Location>,
}

/// A location like another one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateLocation {
    /// What people call the new one.
    pub name: String,
}
