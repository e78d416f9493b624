//! Beginning the runs of schedules that are due, for nodes whose daemons run none.
//!
//! Any number of workers may do this at once. Each looks at schedules that nobody else has locked; a time that is dealt with stays
//! so (`considered_until`), and has one run at most whatever happens (`schedule_runs_slot_key`).

use chrono::{DateTime, Utc};
use panel_domain::id::ScheduleRunId;
use panel_domain::node::Flavour;
use panel_domain::schedule::{Due, Executor, Timetable, Trigger, zone_of};
use panel_jobs::payload::RunSchedule;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::Tx;
use panel_storage::schedules::{self as rows, DueSchedule, NewRun, Planned};
use scoped_futures::ScopedFutureExt;

use crate::cx::Cx;
use crate::error::Error;
use crate::schedules::{TIME_TO_BEGIN, read};

/// Schedules that one transaction looks at.
const BATCH: usize = 100;

/// Looks at every schedule that is to be looked at, and begins the runs of those that are due. Ends runs that were not done by
/// their deadline. Gives how many runs have begun.
///
/// # Errors
/// Those of the database.
pub async fn plan_schedules(cx: &Cx) -> Result<usize, Error> {
    let mut begun = 0;
    loop {
        let now = cx.now();
        let ids: Vec<ScheduleRunId> = (0..BATCH).map(|_| ScheduleRunId::new_v7(now)).collect();
        let ids = &ids;
        let (looked_at, runs) = cx
            .write(|tx| async move { plan_batch(tx, ids, now).await }.scope_boxed())
            .await?;
        begun += runs;
        if looked_at < BATCH {
            break;
        }
    }
    let now = cx.now();
    cx.write(|tx| {
        async move {
            let expired = rows::expire_runs(tx, now, i64::try_from(BATCH).unwrap_or(1)).await?;
            if expired > 0 {
                tracing::warn!(expired, "Runs of schedules were not done by their deadline");
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(begun)
}

async fn plan_batch(
    tx: &mut Tx,
    ids: &[ScheduleRunId],
    now: DateTime<Utc>,
) -> Result<(usize, usize), Error> {
    let limit = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let found = rows::lock_due(tx, now, limit).await?;
    if found.is_empty() {
        return Ok((0, 0));
    }
    let mut runs = Vec::new();
    let mut planned = Vec::with_capacity(found.len());
    for (schedule, id) in found.iter().zip(ids) {
        let Some(due) = due(schedule, now) else {
            // Its node runs it, or nothing ever starts it by the clock.
            planned.push(Planned {
                id: schedule.id,
                considered_until: now,
                plan_at: None,
                missed_at: None,
            });
            continue;
        };
        runs.extend(due.run.map(|slot| NewRun {
            id: *id,
            schedule_id: schedule.id.into(),
            cause: "cron",
            slot: Some(slot),
            skip_condition: false,
            depth: 0,
            deadline_at: now + TIME_TO_BEGIN,
            created_at: now,
        }));
        planned.push(Planned {
            id: schedule.id,
            considered_until: now,
            plan_at: due.next,
            missed_at: due.missed,
        });
    }
    let begun = if runs.is_empty() {
        Vec::new()
    } else {
        rows::start_runs(tx, &runs).await?
    };
    for run in &runs {
        if begun.contains(&run.id) {
            enqueue(
                tx,
                &RunSchedule { run: run.id },
                now,
                EnqueueOptions::default(),
            )?;
        } else if let Some(one) = planned
            .iter_mut()
            .find(|one| one.id == run.schedule_id.uuid())
        {
            // The run before has not ended.
            one.missed_at = one.missed_at.or(run.slot);
        }
    }
    rows::record_plan(tx, &planned).await?;
    Ok((found.len(), begun.len()))
}

/// What is to be done about a schedule; `None` when the clock never starts it here.
fn due(schedule: &DueSchedule, now: DateTime<Utc>) -> Option<Due> {
    let flavour: Option<Flavour> = schedule
        .flavour
        .as_deref()
        .and_then(|name| name.parse().ok());
    if Executor::of(flavour?, None) != Executor::Panel {
        return None;
    }
    let triggers: Vec<Trigger> = match read(schedule.triggers.clone()) {
        Ok(triggers) => triggers,
        Err(error) => {
            // One that cannot be read must not keep the others from being run.
            tracing::error!(schedule.id = %schedule.id, %error, "The triggers of a schedule cannot be read");
            return None;
        }
    };
    let table = Timetable::of(&triggers, zone_of(schedule.timezone.as_deref()));
    (!table.is_empty()).then(|| table.due(schedule.considered_until, now))
}
