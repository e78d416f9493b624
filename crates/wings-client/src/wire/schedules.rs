//! Schedules that a Calagopus daemon runs itself; the Go daemons know none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Answer of `GET /api/servers/{server}/schedules/{schedule}`: status 202 before 1.0, 200 since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleStatusAnswer {
    /// How it stands.
    pub status: ScheduleStatus,
}

/// How a schedule stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleStatus {
    /// Whether it runs at the moment.
    pub running: bool,
    /// What went wrong in its last run, by step.
    #[serde(default)]
    pub errors: BTreeMap<Uuid, String>,
    /// The step it is at.
    #[serde(default)]
    pub step: Option<Uuid>,
}

/// Body of `POST /api/servers/{server}/schedules/{schedule}/trigger`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerSchedule {
    /// Run it even when its condition does not hold.
    #[serde(default)]
    pub skip_condition: bool,
}
