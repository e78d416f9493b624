//! Changing schedules.

use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ServerRef};
use panel_domain::schedule::{Condition, Trigger, check_name};
use panel_domain::validate::Invalid;
use panel_storage::schedules::{self as rows, ScheduleChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{
    Change, NAME_TAKEN, begin_change, check_condition_files, check_start, lock, plan_at, stored,
    tell_node,
};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes of a schedule; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeSchedule {
    /// Its name.
    pub name: Option<String>,
    /// Whether its triggers start it.
    pub enabled: Option<bool>,
    /// What starts it.
    pub triggers: Option<Vec<Trigger>>,
    /// What has to hold when it starts.
    pub condition: Option<Condition>,
}

/// Changes a schedule. The times that lie before are not made up for by a pattern that begins to hold now; a run that has begun
/// goes on.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], also for what the server's node cannot do; [`Error::Taken`] for a
/// name that another has.
pub async fn update(
    cx: &Cx,
    server: ServerRef,
    id: ScheduleId,
    input: ChangeSchedule,
) -> Result<(), Error> {
    let Change {
        server,
        executor,
        allowed,
        now,
    } = begin_change(cx, server).await?;
    check_condition_files(cx, &allowed, input.condition.as_ref())?;
    let mut invalid = Invalid::new();
    if let Some(name) = &input.name {
        check_name("name", name, &mut invalid);
    }
    check_start(
        input.triggers.as_deref(),
        input.condition.as_ref(),
        executor,
        now,
        &mut invalid,
    );
    invalid.finish()?;
    let changes = ScheduleChanges {
        name: input.name.clone(),
        enabled: input.enabled,
        triggers: input.triggers.as_ref().map(stored).transpose()?,
        condition: input.condition.as_ref().map(stored).transpose()?,
        ..ScheduleChanges::default()
    };
    let starts_anew = input.enabled.is_some() || input.triggers.is_some();
    let entry = cx.entry(Event::ScheduleUpdate, json!({})).on(server);
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let before = lock(tx, server, id).await?;
            let mut changes = changes.clone();
            if starts_anew {
                let enabled = changes.enabled.unwrap_or(before.enabled);
                changes.considered_until = Some(before.considered_until.max(now));
                changes.plan_at = Some(plan_at(enabled, now));
            }
            if changes.name.is_some() || changes.condition.is_some() || starts_anew {
                rows::update(tx, server, id, &changes).await.taken(
                    rows::NAME_KEY,
                    "name",
                    NAME_TAKEN,
                )?;
                entry
                    .clone()
                    .with(json!({ "schedule": changes.name.unwrap_or(before.name), "uuid": id }))
                    .record(tx);
                tell_node(tx, executor, server, now)?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
