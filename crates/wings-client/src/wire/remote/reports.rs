//! What schedules on a node did, and what they change (Calagopus).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Body of `POST /api/remote/schedule`: sent once, lost on failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleReports {
    /// The runs that ended, as far as they can be read.
    #[serde(default, deserialize_with = "super::readable")]
    pub data: Vec<ScheduleReport>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleReport {
    /// Of which schedule.
    pub uuid: Uuid,
    /// Whether all its steps did what they should.
    pub successful: bool,
    /// What went wrong, by step.
    #[serde(default)]
    pub errors: BTreeMap<Uuid, String>,
    /// When it ended, by the node's clock.
    pub timestamp: DateTime<Utc>,
}

/// Body of `PUT /api/remote/servers/{server}/startup/variables`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeVariable {
    /// Which variable.
    pub env_variable: String,
    /// Its new value.
    pub value: String,
    /// By which schedule (Calagopus 1).
    #[serde(default)]
    pub schedule_uuid: Option<Uuid>,
}

/// Body of `PUT /api/remote/servers/{server}/startup/command`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCommand {
    /// The new command.
    pub command: String,
    /// By which schedule (Calagopus 1).
    #[serde(default)]
    pub schedule_uuid: Option<Uuid>,
}

/// Body of `PUT /api/remote/servers/{server}/startup/docker-image`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeImage {
    /// The new image.
    pub image: String,
    /// By which schedule (Calagopus 1).
    #[serde(default)]
    pub schedule_uuid: Option<Uuid>,
}
