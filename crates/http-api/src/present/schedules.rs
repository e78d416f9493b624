//! Schedules as clients see them.

use panel_api_types::schedule as dto;
use panel_service::schedules::{Exported, RunStatus, Schedule, Step};

/// A schedule.
pub(crate) fn schedule(schedule: Schedule) -> dto::Schedule {
    dto::Schedule {
        uuid: schedule.id.uuid(),
        name: schedule.name,
        enabled: schedule.enabled,
        triggers: schedule.triggers,
        condition: schedule.condition,
        last_run: schedule.last_run,
        last_failure: schedule.last_failure,
        last_missed: schedule.last_missed,
        next_run: schedule.next_run,
        created: schedule.created,
    }
}

/// One schedule as an answer.
pub(crate) fn body(found: Schedule) -> dto::ScheduleBody {
    dto::ScheduleBody {
        schedule: schedule(found),
    }
}

/// A step.
pub(crate) fn step(step: Step) -> dto::ScheduleStep {
    dto::ScheduleStep {
        uuid: step.id.uuid(),
        action: step.action,
        order: step.order,
        error: step.error,
        created: step.created,
    }
}

/// A schedule as a document.
pub(crate) fn exported(schedule: Exported) -> dto::ExportedSchedule {
    dto::ExportedSchedule {
        name: schedule.name,
        enabled: schedule.enabled,
        triggers: schedule.triggers,
        condition: schedule.condition,
        steps: schedule
            .steps
            .into_iter()
            .map(|step| dto::CreateScheduleStep {
                action: step.action,
                order: step.order,
            })
            .collect(),
    }
}

/// How a schedule stands.
pub(crate) fn status(status: RunStatus) -> dto::ScheduleStatusBody {
    dto::ScheduleStatusBody {
        status: dto::ScheduleStatus {
            running: status.running,
            step: status.step,
            errors: status.errors,
        },
    }
}
