//! Schedules of servers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use panel_domain::schedule::{Action, Condition, Trigger};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;

/// A schedule of a server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// Its id.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Whether its triggers start it.
    pub enabled: bool,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// What has to hold when it starts.
    pub condition: Condition,
    /// When it last ran.
    pub last_run: Option<DateTime<Utc>>,
    /// When it last failed.
    pub last_failure: Option<DateTime<Utc>>,
    /// The first of the times at which it should have run and did not, because the panel was away or the run before had not
    /// ended, when that last happened.
    pub last_missed: Option<DateTime<Utc>>,
    /// When its pattern next starts it.
    pub next_run: Option<DateTime<Utc>>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A step of a schedule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleStep {
    /// Its id.
    pub uuid: Uuid,
    /// What it does.
    pub action: Action,
    /// Where it stands, from 0.
    pub order: i32,
    /// Why it failed when it was last done.
    pub error: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new schedule, without steps.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSchedule {
    /// What people call it; unique on the server.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// Whether its triggers start it.
    pub enabled: bool,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// What has to hold when it starts.
    pub condition: Condition,
}

/// Changes of a schedule; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSchedule {
    /// What people call it; unique on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Whether its triggers start it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<Trigger>>,
    /// What has to hold when it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// The name of a copy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateSchedule {
    /// What people call the copy; unique on the server.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
}

/// How a schedule is run now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriggerSchedule {
    /// Whether it is run even when its condition does not hold.
    #[serde(default)]
    #[schema(required = false)]
    pub skip_condition: bool,
}

/// A new step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateScheduleStep {
    /// What it does.
    pub action: Action,
    /// Where it stands, from 0; after those that stand there already.
    pub order: i32,
}

/// Changes of a step; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateScheduleStep {
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Where it stands, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i32>,
}

/// The steps of a schedule in a new order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleStepOrder {
    /// Ids of the steps; those that are not named come after.
    pub schedule_step_order: Vec<Uuid>,
}

/// A schedule as a document: without what belongs to its server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedSchedule {
    /// What people call it.
    pub name: String,
    /// Whether its triggers start it.
    pub enabled: bool,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// What has to hold when it starts.
    pub condition: Condition,
    /// Its steps.
    pub steps: Vec<CreateScheduleStep>,
}

/// How a schedule stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleStatus {
    /// Whether it is being run.
    pub running: bool,
    /// The step it is at.
    pub step: Option<Uuid>,
    /// What went wrong in this run, or the last one, by step.
    #[schema(value_type = BTreeMap<String, String>)]
    pub errors: BTreeMap<Uuid, String>,
}

/// One schedule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleBody {
    /// The schedule.
    pub schedule: Schedule,
}

/// A page of schedules.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Schedules {
    /// The schedules.
    pub schedules: Page<Schedule>,
}

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleStepBody {
    /// The step.
    pub schedule_step: ScheduleStep,
}

/// The steps of a schedule, in their order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleSteps {
    /// The steps.
    pub schedule_steps: Vec<ScheduleStep>,
}

/// How a schedule stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleStatusBody {
    /// How it stands.
    pub status: ScheduleStatus,
}
