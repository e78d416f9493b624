//! Errors, as every operation answers them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was not done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiError {
    /// What went wrong, for people; one sentence each.
    pub errors: Vec<String>,
    /// What went wrong, for programs: a code that stays the same, such as `permission_denied`.
    pub code: String,
    /// Identifies the request in the panel's logs.
    pub request_id: String,
    /// Which fields of the request are wrong, when that is the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field, with dots for nested ones (`limits.memory`); empty for the request as a whole.
    pub field: String,
    /// What would be right.
    pub message: String,
}
