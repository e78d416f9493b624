//! Schedules.

use panel_domain::id::{ScheduleId, ScheduleStepId, ServerId, UserId};
use panel_storage::schedules;
use scoped_futures::ScopedFutureExt as _;
use serde_json::{Value, json};

use super::{number, write};
use crate::app::TestApp;

/// A schedule with its steps.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Its steps, in their order.
    pub steps: Vec<ScheduleStepId>,
}

/// An enabled schedule that is due by this pattern, with these steps by `author`.
pub async fn schedule(
    app: &TestApp,
    server: ServerId,
    author: UserId,
    pattern: &str,
    actions: &[Value],
) -> Schedule {
    let now = app.now();
    let row = schedules::Schedule {
        id: ScheduleId::new_v4(),
        server_id: server,
        name: format!("Schedule {}", number()),
        enabled: true,
        triggers: json!([{ "type": "cron", "schedule": pattern }]),
        condition: json!({ "type": "none" }),
        considered_until: now,
        plan_at: Some(now),
        last_run_at: None,
        last_failure_at: None,
        missed_at: None,
        created_at: now,
    };
    let steps: Vec<schedules::ScheduleStep> = actions
        .iter()
        .zip(0..)
        .map(|(action, position)| schedules::ScheduleStep {
            id: ScheduleStepId::new_v4(),
            schedule_id: row.id,
            author_id: Some(author),
            position,
            action: action.clone(),
            error: None,
            created_at: now,
        })
        .collect();
    let made = Schedule {
        id: row.id,
        steps: steps.iter().map(|step| step.id).collect(),
    };
    let (row, steps) = (&row, &steps);
    write(app, "a schedule", |tx| {
        async move {
            schedules::insert(tx, row).await?;
            schedules::insert_steps(tx, steps);
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    made
}
