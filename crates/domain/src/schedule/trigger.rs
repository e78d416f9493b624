//! What starts a schedule.

use serde::{Deserialize, Serialize};

use super::condition::{Comparator, Metric};
use super::value::Variable;
use crate::id::ScheduleId;
use crate::server::{PowerAction, PowerState};

/// What starts a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleTrigger))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// At the times of a cron pattern, in the server's time zone.
    Cron {
        /// `second minute hour day-of-month month day-of-week`; the first may be left out.
        schedule: String,
    },
    /// When somebody asks for this.
    PowerAction {
        /// What is asked for.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        action: PowerAction,
    },
    /// When the server gets into this state.
    ServerState {
        /// The state.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        state: PowerState,
    },
    /// When a backup of the server gets so far.
    BackupStatus {
        /// How far.
        status: BackupStatus,
    },
    /// When another schedule of the server has run.
    ScheduleCompletion {
        /// The other one.
        #[cfg_attr(feature = "schema", schema(value_type = uuid::Uuid))]
        schedule: ScheduleId,
        /// How it has to have ended.
        successful: bool,
    },
    /// When the server has used so much for so long.
    ResourceUsage {
        /// Of what.
        metric: Metric,
        /// How `value` is compared with.
        comparator: Comparator,
        /// Percent of a hardware thread for CPU, bytes otherwise.
        value: f64,
        /// For how long, in seconds.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schema(value_type = i64, maximum = 86_400, minimum = 0))]
        for_seconds: u32,
    },
    /// When a line of the console contains this.
    ConsoleLine {
        /// The text.
        contains: String,
        /// Whether upper and lower case are the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        case_insensitive: bool,
        /// Where the line is put.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output_into: Option<Variable>,
    },
    /// When the server's process has ended without being asked to.
    Crash,
}

/// How far a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ServerBackupStatus))]
#[serde(rename_all = "snake_case")]
pub enum BackupStatus {
    /// It has begun.
    Starting,
    /// It is there.
    Finished,
    /// It could not be made.
    Failed,
}
