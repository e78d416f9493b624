//! Schedules.

use chrono::TimeDelta;
use panel_domain::id::{ScheduleId, ScheduleStepId, ServerId, UserId};
use panel_storage::schedules::{self, Schedule, ScheduleStep};
use scoped_futures::ScopedFutureExt as _;
use serde_json::{Value, json};

use super::{number, write};
use crate::app::TestApp;

/// An enabled schedule of a server that nothing triggers, with one step that `author` wrote.
pub async fn schedule(
    app: &TestApp,
    server: ServerId,
    author: UserId,
    action: Value,
) -> ScheduleId {
    let now = app.now();
    let schedule = Schedule {
        id: ScheduleId::new_v4(),
        server_id: server,
        name: format!("schedule {}", number()),
        enabled: true,
        triggers: json!([]),
        condition: json!({ "type": "none" }),
        considered_until: now - TimeDelta::minutes(1),
        plan_at: None,
        last_run_at: None,
        last_failure_at: None,
        missed_at: None,
        created_at: now,
    };
    let step = ScheduleStep {
        id: ScheduleStepId::new_v4(),
        schedule_id: schedule.id,
        author_id: Some(author),
        position: 0,
        action,
        error: None,
        created_at: now,
    };
    let (schedule, step) = (&schedule, &step);
    write(app, "a schedule", |tx| {
        async move {
            schedules::insert(tx, schedule);
            schedules::insert_steps(tx, std::slice::from_ref(step));
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    schedule.id
}
