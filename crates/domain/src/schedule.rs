//! Schedules of servers: what starts them, what they do, and when.
//!
//! A schedule has triggers, a condition, and steps that are done in order. Calagopus runs the schedules of its servers
//! itself; for the daemons in Go the panel does, as far as it can see and do what the schedule asks for ([`Executor`]).
//!
//! The types that are stored are the ones that clients and daemons see: their names and fields are those of Calagopus'
//! schedules (`type` names the variant).

mod action;
mod check;
mod condition;
mod executor;
mod program;
mod timetable;
mod trigger;
mod value;

pub use action::{
    Action, ArchiveFormat, BackupSelector, FileRename, HttpHeader, HttpMethod, action_permission,
    action_permissions,
};
pub use check::{
    MAX_STEPS, MAX_TRIGGERS, check_action, check_condition, check_name, check_triggers,
};
pub use condition::{Comparator, Condition, Metric, Observation, Unknown, Usage};
pub use executor::{Executor, Unsupported};
pub use program::{Cursor, Instruction, Malformed, Program};
pub use timetable::{
    Due, LATE_LIMIT, PatternError, Timetable, check_pattern, with_seconds, zone_of,
};
pub use trigger::{BackupStatus, Trigger};
pub use value::{Dynamic, TooLarge, Variable, Variables};
